package dev.inferno.visualizer;

import dev.inferno.ModelInfo;
import dev.inferno.observe.Activation;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.PromptTokens;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.observe.TensorView;
import dev.inferno.observe.TextPiece;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.StageView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Listens to a run and makes one event of each step, and tensors to be fetched. The only place
/// where the visualizer meets a computation.
final class Capture implements StepListener {
  static final String PATTERN = "blocks.*.attn.hook_pattern";
  static final String LOGITS = "logits";
  static final String EMBED = "hook_embed";

  /// The attention of a whole prompt is kept up to this size, else that of its last position.
  private static final long PROMPT_PATTERN_BYTES = 64L << 20;

  /// A longer prompt comes in several passes.
  private static final int PASS = 512;

  private static final List<Hook> NORMS = List.of(Hook.RESID_POST, Hook.ATTN_OUT, Hook.MLP_OUT);

  private final KeptRun run;
  private final KeptRuns kept;
  private final EventLog events;
  private final Job job;
  private final ModelInfo model;
  private final boolean wholePrompt;
  private final Runnable beforeStep;

  private final Map<Hook, float[]> norms = new EnumMap<>(Hook.class);
  private final StringBuilder text = new StringBuilder();
  private float[] logits = {};
  private float[] embedding = {};
  private float[] pattern = {};
  private float[] row = {}; // of the pattern
  private int[] patternShape = {};
  private int patternPosition;
  private SamplingRecord sampling;
  private @Nullable Selection selection;
  private boolean ended;

  /// @param beforeStep called before each step, on the thread of the run
  Capture(KeptRun run, KeptRuns kept, EventLog events, Job job, Runnable beforeStep) {
    this.run = run;
    this.kept = kept;
    this.events = events;
    this.job = job;
    this.model = run.run().model();
    long length = job.prompt().length;
    this.wholePrompt =
        length <= PASS
            && 4 * length * length * model.layers() * model.heads() <= PROMPT_PATTERN_BYTES;
    this.beforeStep = beforeStep;
    this.sampling = newSampling(0);
  }

  private SamplingRecord newSampling(int step) {
    return new SamplingRecord(run.vocabulary(), run.run().top(), Draw.of(job.seed(), step));
  }

  @Override
  public ObservationPlan plan(ModelInfo model) {
    List<Point> points = new ArrayList<>();
    Point attention = Hook.PATTERN.allLayers();
    points.add(wholePrompt ? attention : attention.lastPosition());
    points.add(Hook.EMBED.all().lastPosition());
    points.add(Hook.LOGITS.all());
    NORMS.forEach(hook -> points.add(hook.allLayers().lastPosition().norm()));
    return new ObservationPlan(points);
  }

  @Override
  public void onPromptTokens(PromptTokens prompt) {
    List<Wire.Token> tokens = prompt.ids().stream().map(run.vocabulary()::token).toList();
    var event = new Wire.Prompt(run.run().run(), prompt.firstPosition(), tokens);
    run.prompt(event);
    events.append("prompt", event);
  }

  @Override
  public void onStepStart(StepStart start) {
    beforeStep.run();
    norms.clear();
    pattern = new float[0];
    selection = null;
    sampling = newSampling(start.step());
  }

  @Override
  public void onActivation(Activation activation) {
    switch (activation.hook()) {
      case LOGITS -> logits = activation.tensor().copy();
      case EMBED -> embedding = activation.tensor().copy();
      case PATTERN -> stack(activation);
      default -> {
        float[] perLayer = norms.computeIfAbsent(activation.hook(), _ -> new float[model.layers()]);
        perLayer[activation.layer().orElseThrow()] = activation.tensor().copy()[0];
      }
    }
  }

  /// Puts the pattern of a layer behind those of the layers before it.
  private void stack(Activation activation) {
    TensorView layer = activation.tensor();
    int[] shape = layer.shape();
    int rows = shape[0] * shape[1];
    int keys = shape[2];
    if (pattern.length == 0) {
      patternShape = new int[] {model.layers(), shape[0], shape[1], keys};
      patternPosition = activation.firstPosition();
      pattern = new float[model.layers() * rows * keys];
      row = new float[keys];
    }
    int to = activation.layer().orElseThrow() * rows * keys;
    for (int i = 0; i < rows; i++, to += keys) {
      layer.copyRow(i, row);
      System.arraycopy(row, 0, pattern, to, keys);
    }
  }

  @Override
  public void onSamplerStage(StageView stage) {
    sampling.stage(stage);
  }

  @Override
  public void onDistribution(CandidatesView distribution) {
    sampling.distribution(distribution);
  }

  @Override
  public void onDraw(Draw draw) {
    sampling.draw(draw);
  }

  @Override
  public void onSelection(Selection selection) {
    this.selection = selection;
  }

  @Override
  public void onText(TextPiece piece) {
    text.append(piece.text());
  }

  @Override
  public void onStepEnd(StepEnd end) {
    String id = run.run().run();
    int last = end.firstPosition() + end.rows() - 1;
    List<Tensor> tensors =
        List.of(
            new Tensor(
                PATTERN,
                List.of("layer", "head", "query", "key"),
                patternShape,
                patternPosition,
                pattern),
            new Tensor(LOGITS, List.of("token"), new int[] {logits.length}, last, logits),
            new Tensor(EMBED, List.of("width"), new int[] {embedding.length}, last, embedding));
    Wire.@Nullable StepName keptFrom = kept.add(id, end.step(), tensors);
    Wire.@Nullable Sampling sampled = null;
    if (selection != null) {
      run.chose(selection.id());
      sampled = sampling.finish(logits, chosen(selection));
    }
    events.append(
        "step",
        new Wire.Step(
            id,
            end.step(),
            end.firstPosition(),
            end.rows(),
            last + 1,
            text.toString(),
            end.forwardNanos(),
            end.samplingNanos(),
            end.cachedPositions(),
            sampled,
            namedNorms(),
            tensors.stream().map(Tensor::info).toList(),
            keptFrom));
    text.setLength(0);
  }

  @Override
  public void onGenerationEnd(GenerationEnd end) {
    ended = true;
    events.append(
        "run-end",
        new Wire.RunEnd(
            run.run().run(),
            end.reason().map(reason -> reason.name().toLowerCase(Locale.ROOT)).orElse("failed"),
            end.failure().map(Capture::message).orElse(null),
            text.toString(),
            end.promptTokens(),
            end.generatedTokens(),
            end.prefillNanos(),
            end.decodeNanos()));
  }

  /// The run failed; says so unless the generation did already.
  void failed(Throwable failure) {
    if (!ended) {
      events.append("run-end", unbegun(job, "failed", message(failure)));
    }
  }

  /// The end of a run that did no step.
  static Wire.RunEnd unbegun(Job job, String reason, @Nullable String message) {
    return new Wire.RunEnd(job.run().run(), reason, message, "", job.prompt().length, 0, 0, 0);
  }

  /// What the wire says of a failure.
  static String message(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  private Map<String, float[]> namedNorms() {
    var named = new LinkedHashMap<String, float[]>();
    norms.forEach((hook, perLayer) -> named.put(hook.name(0).replace(".0.", ".*."), perLayer));
    return named;
  }

  private static SamplingRecord.Chosen chosen(Selection selection) {
    return new SamplingRecord.Chosen(
        selection.id(),
        selection.position(),
        selection.rank(),
        selection.probability(),
        selection.logProbability(),
        selection.entropy(),
        selection.margin(),
        selection.forced());
  }
}
