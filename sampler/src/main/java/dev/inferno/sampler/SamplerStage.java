package dev.inferno.sampler;

import java.util.Map;

/// One step of a {@link Sampler}: removes candidates or changes their logits.
///
/// A stage is immutable and may act for many states in many threads at once; what it wants to know
/// of the past it reads from the {@link History}, so that states can fork and rewind. Implement it
/// to add your own: it is listed, published and timed like the ones below, and may stand anywhere
/// among them.
///
/// Neutral values follow llama.cpp: with them a stage changes nothing.
public interface SamplerStage {

  /// A short name for reports and messages, such as `top-k`.
  String name();

  /// The parameters by name, in the order to show them: numbers, booleans or strings.
  default Map<String, Object> parameters() {
    return Map.of();
  }

  /// Acts on the candidates. Must leave at least one.
  void apply(Candidates candidates, History history);

  /// Adds a bias to the logits of some tokens; minus infinity forbids a token.
  ///
  /// @throws IllegalArgumentException if an id is negative, or a bias not a number or plus infinity
  static SamplerStage logitBias(Map<Integer, Float> biases) {
    return LogitBias.of(biases);
  }

  /// Makes every token of the whole history less likely: a positive logit is divided by `penalty`,
  /// any other multiplied (Keskar and others, 2019, <https://arxiv.org/abs/1909.05858>). 1 is
  /// neutral, less than 1 encourages repetition.
  static SamplerStage repetitionPenalty(float penalty) {
    return repetitionPenalty(penalty, Penalties.WHOLE_HISTORY);
  }

  /// As {@link #repetitionPenalty(float)} for the tokens among the last `lastN` of the history; 0
  /// is off, -1 the whole history.
  static SamplerStage repetitionPenalty(float penalty, int lastN) {
    return Penalties.repetition(penalty, lastN);
  }

  /// Subtracts `penalty` from a token's logit for every time it is in the whole history. 0 is
  /// neutral.
  static SamplerStage frequencyPenalty(float penalty) {
    return frequencyPenalty(penalty, Penalties.WHOLE_HISTORY);
  }

  /// As {@link #frequencyPenalty(float)} over the last `lastN` tokens; 0 is off, -1 all of them.
  static SamplerStage frequencyPenalty(float penalty, int lastN) {
    return Penalties.frequency(penalty, lastN);
  }

  /// Subtracts `penalty` once from the logit of every token in the whole history. 0 is neutral.
  static SamplerStage presencePenalty(float penalty) {
    return presencePenalty(penalty, Penalties.WHOLE_HISTORY);
  }

  /// As {@link #presencePenalty(float)} over the last `lastN` tokens; 0 is off, -1 all of them.
  static SamplerStage presencePenalty(float penalty, int lastN) {
    return Penalties.presence(penalty, lastN);
  }

  /// The three penalties at once over the last `lastN` tokens (0 is off, -1 all of them), the
  /// repetition penalty first. (0 or any, 1, 0, 0) is neutral.
  static SamplerStage penalties(int lastN, float repetition, float frequency, float presence) {
    return Penalties.all(lastN, repetition, frequency, presence);
  }

  /// Divides every logit by the temperature; 1 is neutral, 0 keeps the best candidate only.
  ///
  /// @throws IllegalArgumentException if it is negative, infinite or not a number
  static SamplerStage temperature(float temperature) {
    return Temperature.of(temperature);
  }

  /// Keeps the `k` best candidates; 0 is off.
  static SamplerStage topK(int k) {
    return TopK.of(k);
  }

  /// Keeps the smallest set of best candidates whose probabilities add up to at least `p` (Holtzman
  /// and others, 2019, <https://arxiv.org/abs/1904.09751>). 1 is off, 0 keeps the best only.
  static SamplerStage topP(float p) {
    return topP(p, 1);
  }

  /// As {@link #topP(float)}, but keeps at least `minKeep` candidates.
  static SamplerStage topP(float p, int minKeep) {
    return TopP.of(p, minKeep);
  }

  /// Keeps the candidates at least `p` times as likely as the best one (Nguyen and others, 2024,
  /// <https://arxiv.org/abs/2407.01082>). 0 is off, 1 keeps the best and its equals.
  static SamplerStage minP(float p) {
    return minP(p, 1);
  }

  /// As {@link #minP(float)}, but keeps at least `minKeep` candidates.
  static SamplerStage minP(float p, int minKeep) {
    return MinP.of(p, minKeep);
  }

  /// Keeps the best candidate only, of equals the one with the lowest id.
  static SamplerStage greedy() {
    return new Greedy();
  }
}
