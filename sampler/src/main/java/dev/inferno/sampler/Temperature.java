package dev.inferno.sampler;

import java.util.Map;

/// See {@link SamplerStage#temperature}.
record Temperature(float temperature) implements SamplerStage {
  static Temperature of(float temperature) {
    if (!(temperature >= 0 && temperature <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "temperature must be 0 or more and finite, but is " + temperature);
    }
    return new Temperature(temperature);
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
