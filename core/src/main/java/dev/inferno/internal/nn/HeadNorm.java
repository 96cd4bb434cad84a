package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// A norm of queries or of keys.
public sealed interface HeadNorm permits RmsNorm, HeadLayerNorm {

  /// Norms a part of every row of `x` in place: all its queries, or all its keys.
  ///
  /// @param at where the part begins in a row
  void applyInPlace(Rows x, int at, int width);
}
