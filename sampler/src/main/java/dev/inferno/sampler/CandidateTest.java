package dev.inferno.sampler;

/// Whether a candidate stays, see {@link Candidates#keepIf}.
@FunctionalInterface
public interface CandidateTest {
  /// Whether the token `id` with this logit stays.
  boolean test(int id, float logit);
}
