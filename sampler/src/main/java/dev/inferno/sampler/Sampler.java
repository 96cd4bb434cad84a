package dev.inferno.sampler;

import java.util.List;
import java.util.SplittableRandom;

/// A recipe for choosing tokens: stages, in the order they act on the candidates, and then a draw
/// from what is left. Immutable and thread-safe; one recipe serves any number of states.
///
/// ```java
/// Sampler sampler = Sampler.chain(repetitionPenalty(1.1f), topK(40), temperature(0.7f));
/// Choice choice = sampler.start(42).sample(logits);
/// ```
public final class Sampler {
  private static final Sampler GREEDY = chain(SamplerStage.greedy());
  private static final Sampler DEFAULTS =
      chain(
          SamplerStage.penalties(64, 1, 0, 0),
          SamplerStage.topK(40),
          SamplerStage.topP(0.95f),
          SamplerStage.minP(0.05f),
          SamplerStage.temperature(0.8f));

  private final List<SamplerStage> stages;

  private Sampler(List<SamplerStage> stages) {
    this.stages = stages;
  }

  /// The given stages in this order; none at all draws from the softmax of the logits.
  public static Sampler chain(SamplerStage... stages) {
    return chain(List.of(stages));
  }

  /// The given stages in this order.
  public static Sampler chain(List<SamplerStage> stages) {
    return new Sampler(List.copyOf(stages));
  }

  /// Always the most likely token.
  public static Sampler greedy() {
    return GREEDY;
  }

  /// Neutral penalties, top-k 40, top-p 0.95, min-p 0.05, temperature 0.8.
  public static Sampler defaults() {
    return DEFAULTS;
  }

  /// The stages in the order they act.
  public List<SamplerStage> stages() {
    return stages;
  }

  /// A new state without a past. Equal seeds, histories and logits give equal choices.
  public SamplerState start(long seed) {
    return new SamplerState(this, seed);
  }

  /// As {@link #start(long)} with a seed that nobody chose; {@link SamplerState#seed()} tells it.
  public SamplerState start() {
    return start(new SplittableRandom().nextLong());
  }

  @Override
  public String toString() {
    return "Sampler" + stages;
  }
}
