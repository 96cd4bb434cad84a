package dev.inferno.sampler;

import java.util.Map;

/// See {@link SamplerStage#topK}.
record TopK(int k) implements SamplerStage {
  static TopK of(int k) {
    return new TopK(Ranges.atLeast("topK", 0, k));
  }

  @Override
  public String name() {
    return "top-k";
  }

  @Override
  public Map<String, Object> parameters() {
    return Map.of("k", k);
  }

  @Override
  public void apply(Candidates candidates, History history) {
    if (k > 0) {
      candidates.keepBest(k);
    }
  }
}
