package dev.inferno.sampler;

import java.util.Map;

/// See {@link SamplerStage#topP(float, int)}.
record TopP(float p, int minKeep) implements SamplerStage {
  static TopP of(float p, int minKeep) {
    return new TopP(Ranges.between("topP", 0, 1, p), Ranges.atLeast("minKeep", 0, minKeep));
  }

  @Override
  public String name() {
    return "top-p";
  }

  @Override
  public Map<String, Object> parameters() {
    return Parameters.inOrder("p", p, "minKeep", minKeep);
  }

  @Override
  public void apply(Candidates candidates, History history) {
    if (p <= 0) {
      candidates.keepBest(Math.max(1, minKeep));
    } else if (p < 1) {
      candidates.keepMass(p, minKeep);
    }
  }
}
