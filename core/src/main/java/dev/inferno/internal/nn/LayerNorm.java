package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Layer normalization: `(x - mean) / sqrt(variance + epsilon) * gain + bias`.
/// <https://arxiv.org/abs/1607.06450>
public final class LayerNorm {
  private final float[] gain;
  private final float[] bias;
  private final float epsilon;
  private final Kernels kernels;

  /// The norm with this gain and this bias, one of each per column.
  public LayerNorm(float[] gain, float[] bias, float epsilon, Kernels kernels) {
    this.gain = gain;
    this.bias = bias;
    this.epsilon = epsilon;
    this.kernels = kernels;
  }

  /// Norms every row of `x` into `out`.
  public void apply(Rows x, Rows out) {
    out.resize(x.rows(), x.longRows());
    int width = x.width();
    for (int row = 0; row < x.rows(); row++) {
      int at = row * width;
      kernels.layerNorm(x.data(), at, gain, bias, epsilon, out.data(), at, width);
    }
  }
}
