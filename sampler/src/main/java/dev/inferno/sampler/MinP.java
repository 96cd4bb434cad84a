package dev.inferno.sampler;

import java.util.Map;

/// See {@link SamplerStage#minP(float, int)}.
record MinP(float p, int minKeep) implements SamplerStage {
  static MinP of(float p, int minKeep) {
    return new MinP(Ranges.between("minP", 0, 1, p), Ranges.atLeast("minKeep", 0, minKeep));
  }

  @Override
  public String name() {
    return "min-p";
  }

  @Override
  public Map<String, Object> parameters() {
    return Parameters.inOrder("p", p, "minKeep", minKeep);
  }

  /// A ratio of probabilities is a difference of logits, so no softmax is needed.
  @Override
  public void apply(Candidates candidates, History history) {
    if (p > 0) {
      float threshold = candidates.max() + (float) StrictMath.log(p);
      if (minKeep > 1 && candidates.countAtLeast(threshold) < minKeep) {
        candidates.keepBest(minKeep);
      } else {
        candidates.keepAtLeast(threshold);
      }
    }
  }
}
