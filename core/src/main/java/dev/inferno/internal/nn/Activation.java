package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;

/// What a plain feed-forward does to its neurons.
public enum Activation {
  /// GELU with the hyperbolic tangent.
  TANH_GELU,
  /// GELU with the distribution of normal numbers.
  EXACT_GELU,
  /// The square of ReLU. <https://arxiv.org/abs/2109.08668>
  SQUARED_RELU;

  /// Changes `n` numbers from `x[at]` on.
  void apply(Kernels kernels, float[] x, int at, int n) {
    switch (this) {
      case TANH_GELU -> kernels.gelu(x, at, n);
      case EXACT_GELU -> kernels.exactGelu(x, at, n);
      case SQUARED_RELU -> squaredRelu(x, at, n);
    }
  }

  private static void squaredRelu(float[] x, int at, int n) {
    for (int i = at; i < at + n; i++) {
      float positive = Math.max(x[i], 0);
      x[i] = positive * positive;
    }
  }
}
