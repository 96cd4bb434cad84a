package dev.inferno;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.models.Architecture;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.nn.Observer;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Segment;
import dev.inferno.internal.nn.State;
import dev.inferno.internal.observe.Observation;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ListenerErrors;
import dev.inferno.observe.StepListener;
import java.util.ArrayList;
import java.util.List;

/// Several texts that pass through a model in one batch, as sessions side by side do.
final class SideBySide {
  private final Architecture architecture;
  private final ModelInfo info;
  private final Kernels kernels;
  private final KeyValueType type;
  private final int threads;
  private final State state;
  private final Batch batch = new Batch();
  private final Probe probe = new Probe(batch);
  private final List<Text> texts = new ArrayList<>();

  /// One of them.
  static final class Text {
    private final KvCache cache;
    private final Segment segment;
    private final float[] logits;

    private Text(KvCache cache, Observer observer, int vocabulary) {
      this.cache = cache;
      this.logits = new float[vocabulary];
      this.segment = new Segment(cache, observer, logits);
    }

    /// The logits behind its last token, a copy.
    float[] logits() {
      return logits.clone();
    }
  }

  SideBySide(Model model, KeyValueType type, int threads) {
    this(model.architecture(), model.info(), model.kernels(), type, threads);
  }

  SideBySide(
      Architecture architecture, ModelInfo info, Kernels kernels, KeyValueType type, int threads) {
    this.architecture = architecture;
    this.info = info;
    this.kernels = kernels;
    this.type = type;
    this.threads = threads;
    this.state = architecture.newState();
  }

  /// Another text, which nobody watches.
  Text unwatched() {
    return text(Observer.NOBODY);
  }

  /// Another text, watched by a listener.
  Text watchedBy(StepListener listener) {
    return editedBy(List.of(), listener);
  }

  /// Another text, changed by these interventions, which a listener watches.
  Text editedBy(List<Intervention> interventions, StepListener listener) {
    var observation = new Observation(Model.anatomy(info, architecture), info.contextLength());
    interventions.forEach(observation::add);
    observation.add(listener, ListenerErrors.END_GENERATION);
    observation.beginStep(0);
    return text(observation);
  }

  private Text text(Observer observer) {
    KvCache cache = KvCache.empty(kernels, type, info.layers(), architecture.heads());
    var text = new Text(cache, observer, info.vocabulary());
    texts.add(text);
    return text;
  }

  /// Passes more tokens of each text through the model, in one batch.
  void forward(int[]... tokens) {
    List<Segment> segments = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      int rows = tokens[i].length;
      texts.get(i).segment.prepare(tokens[i], new boolean[rows], 0, rows, rows);
      segments.add(texts.get(i).segment);
    }
    architecture.forward(batch.begin(segments, threads, () -> false), state, probe);
    for (Text text : texts) {
      text.cache.complete(text.cache.length() + text.segment.rows());
    }
  }
}
