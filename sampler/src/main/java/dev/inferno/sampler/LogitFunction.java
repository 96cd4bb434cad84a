package dev.inferno.sampler;

/// What becomes of a logit, see {@link Candidates#mapLogits}.
@FunctionalInterface
public interface LogitFunction {
  /// The new logit of the token `id`; minus infinity removes it.
  float apply(int id, float logit);
}
