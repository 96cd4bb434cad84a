package dev.inferno.visualizer;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import org.jspecify.annotations.Nullable;

/// The sliders of the page: a recipe for choosing tokens, as it goes over the wire. The stages act
/// in the order of the command line: penalties, top-k, top-p, min-p, temperature.
record SamplerSettings(
    float temperature,
    int topK,
    float topP,
    float minP,
    float repetitionPenalty,
    float frequencyPenalty,
    float presencePenalty,
    int penaltyLastN,
    boolean greedy) {

  /// Those of {@link Sampler#defaults}.
  static final SamplerSettings DEFAULTS =
      new SamplerSettings(0.8f, 40, 0.95f, 0.05f, 1, 0, 0, 64, false);

  /// What is absent has its default.
  @JsonCreator
  static SamplerSettings of(
      @JsonProperty("temperature") @Nullable Float temperature,
      @JsonProperty("topK") @Nullable Integer topK,
      @JsonProperty("topP") @Nullable Float topP,
      @JsonProperty("minP") @Nullable Float minP,
      @JsonProperty("repetitionPenalty") @Nullable Float repetitionPenalty,
      @JsonProperty("frequencyPenalty") @Nullable Float frequencyPenalty,
      @JsonProperty("presencePenalty") @Nullable Float presencePenalty,
      @JsonProperty("penaltyLastN") @Nullable Integer penaltyLastN,
      @JsonProperty("greedy") @Nullable Boolean greedy) {
    return new SamplerSettings(
        temperature == null ? DEFAULTS.temperature : temperature,
        topK == null ? DEFAULTS.topK : topK,
        topP == null ? DEFAULTS.topP : topP,
        minP == null ? DEFAULTS.minP : minP,
        repetitionPenalty == null ? DEFAULTS.repetitionPenalty : repetitionPenalty,
        frequencyPenalty == null ? DEFAULTS.frequencyPenalty : frequencyPenalty,
        presencePenalty == null ? DEFAULTS.presencePenalty : presencePenalty,
        penaltyLastN == null ? DEFAULTS.penaltyLastN : penaltyLastN,
        greedy == null ? DEFAULTS.greedy : greedy);
  }

  /// The recipe; every value is checked, also those that greedy makes idle.
  ///
  /// @throws BadRequestException if a value is out of range
  Sampler sampler() {
    Job.checked("sampler.penaltyLastN", penaltyLastN, 0, -1, Integer.MAX_VALUE);
    try {
      Sampler stages =
          Sampler.chain(
              SamplerStage.penalties(
                  penaltyLastN, repetitionPenalty, frequencyPenalty, presencePenalty),
              SamplerStage.topK(topK),
              SamplerStage.topP(topP),
              SamplerStage.minP(minP),
              SamplerStage.temperature(temperature));
      return greedy ? Sampler.greedy() : stages;
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("sampler: " + e.getMessage(), e);
    }
  }
}
