package dev.inferno.sampler;

import java.util.List;

/// A chosen token. Immutable.
///
/// @param id the token
/// @param rank its place among the candidates in falling order of logit, from 0; -1 if it was
///   forced and is none of them
/// @param probability its probability among the candidates that all stages left; 0 if it is none
/// @param logProbability the natural logarithm of that, exact where the probability underflows
/// @param u the random number in [0, 1) that chose it, not a number if it was forced
/// @param stages what each stage kept, in the order of the chain
public record Choice(
    int id,
    int rank,
    double probability,
    double logProbability,
    double u,
    List<StageSummary> stages) {

  /// Copies the list.
  public Choice {
    stages = List.copyOf(stages);
  }

  /// Whether the token was given from outside and not drawn.
  public boolean isForced() {
    return Double.isNaN(u);
  }
}
