package dev.inferno.sampler;

/// See {@link SamplerStage#greedy}.
record Greedy() implements SamplerStage {
  @Override
  public String name() {
    return "greedy";
  }

  @Override
  public void apply(Candidates candidates, History history) {
    candidates.keepBest(1);
  }
}
