package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Root mean square layer normalization: `x / sqrt(mean(x^2) + epsilon) * gain`.
/// <https://arxiv.org/abs/1910.07467>
public final class RmsNorm {
  private final float[] gain;
  private final float epsilon;
  private final Kernels kernels;

  /// The norm with this gain, one factor per column.
  public RmsNorm(float[] gain, float epsilon, Kernels kernels) {
    this.gain = gain;
    this.epsilon = epsilon;
    this.kernels = kernels;
  }

  /// Norms every row of `x` into `out`.
  public void apply(Rows x, Rows out) {
    out.resize(x.rows(), x.longRows());
    int width = x.width();
    for (int row = 0; row < x.rows(); row++) {
      kernels.rmsNorm(x.data(), row * width, gain, epsilon, out.data(), row * width, width);
    }
  }

  /// Norms a part of every row of `x` in place, piece by piece: a piece is as long as the gain, and
  /// the part is a whole number of pieces.
  ///
  /// @param at where the part begins in a row
  void applyInPlace(Rows x, int at, int width) {
    for (int row = 0; row < x.rows(); row++) {
      int begin = row * x.width() + at;
      for (int piece = begin; piece < begin + width; piece += gain.length) {
        kernels.rmsNorm(x.data(), piece, gain, epsilon, x.data(), piece, gain.length);
      }
    }
  }
}
