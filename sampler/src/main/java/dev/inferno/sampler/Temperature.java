package dev.inferno.sampler;

import java.util.Map;

/// See {@link SamplerStage#temperature}.
record Temperature(float temperature) implements SamplerStage {
  static Temperature of(float temperature) {
    return new Temperature(Ranges.finiteFrom("temperature", 0, true, temperature));
  }

  @Override
  public String name() {
    return "temperature";
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("temperature", temperature);
  }

  @Override
  public void apply(Candidates candidates, History history) {
    if (temperature == 0) {
      candidates.keepBest(1);
    } else if (temperature != 1) {
      candidates.divide(temperature);
    }
  }
}
