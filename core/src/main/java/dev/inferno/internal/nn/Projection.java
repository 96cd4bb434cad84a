package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// What makes queries, keys and values of the residual stream: one matrix as a rule, {@link
/// Linear}, or a way over fewer numbers, {@link LatentProjection}.
public interface Projection {

  /// Projects every row of `x`.
  ///
  /// @param x `[rows, width]`, the normed residual stream
  /// @param queryKeyValue `[rows, queryKeyValueWidth]`: all queries, all keys, all values
  void apply(Rows x, Rows queryKeyValue, State state);
}
