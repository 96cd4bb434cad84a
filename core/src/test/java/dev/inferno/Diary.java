package dev.inferno;

import dev.inferno.observe.Activation;
import dev.inferno.observe.CacheChange;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.GenerationStart;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.PromptTokens;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.observe.TextPiece;
import dev.inferno.observe.Verification;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.StageView;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Writes down every event and hands it to somebody, who may throw or stop.
class Diary implements StepListener {
  final List<String> events = new ArrayList<>();
  final List<Object> payloads = new ArrayList<>();
  private final Consumer<String> reader;

  Diary() {
    this(_ -> {});
  }

  Diary(Consumer<String> reader) {
    this.reader = reader;
  }

  private void add(String event, Object payload) {
    events.add(event);
    payloads.add(payload);
    reader.accept(event);
  }

  <T> List<T> of(Class<T> type) {
    return payloads.stream().filter(type::isInstance).map(type::cast).toList();
  }

  @Override
  public ObservationPlan plan(ModelInfo info) {
    return ObservationPlan.of(Hook.EMBED.all(), Hook.Z.layer(2), Hook.LOGITS.all());
  }

  @Override
  public void onGenerationStart(GenerationStart start) {
    add("generation start", start);
  }

  @Override
  public void onPromptTokens(PromptTokens prompt) {
    add("prompt", prompt);
  }

  @Override
  public void onStepStart(StepStart start) {
    add("step start " + start.step(), start);
  }

  @Override
  public void onCacheChange(CacheChange change) {
    add("cache " + change.kind() + " " + change.step(), change);
  }

  @Override
  public void onActivation(Activation activation) {
    add(activation.name() + " " + activation.step(), activation);
  }

  @Override
  public void onSamplerStage(StageView stage) {
    add("stage " + stage.name(), stage);
  }

  @Override
  public void onDistribution(CandidatesView distribution) {
    add("distribution", distribution);
  }

  @Override
  public void onDraw(Draw draw) {
    add("draw " + draw.index(), draw);
  }

  @Override
  public void onSelection(Selection selection) {
    add("selection " + selection.step(), selection);
  }

  @Override
  public void onVerification(Verification verification) {
    add("verification " + verification.step(), verification);
  }

  @Override
  public void onText(TextPiece piece) {
    add("text " + piece.step(), piece);
  }

  @Override
  public void onStepEnd(StepEnd end) {
    add("step end " + end.step(), end);
  }

  @Override
  public void onGenerationEnd(GenerationEnd end) {
    add("generation end", end);
  }
}
