package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;

/// What a plain feed-forward does to its neurons.
public enum Activation {
  /// GELU with the hyperbolic tangent.
  TANH_GELU,
  /// GELU with the distribution of normal numbers.
  EXACT_GELU;

  /// Changes `n` numbers from `x[at]` on.
  void apply(Kernels kernels, float[] x, int at, int n) {
    switch (this) {
      case TANH_GELU -> kernels.gelu(x, at, n);
      case EXACT_GELU -> kernels.exactGelu(x, at, n);
    }
  }
}
