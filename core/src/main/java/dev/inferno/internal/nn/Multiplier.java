package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Multiplies rows by one number that the model states.
public record Multiplier(float factor, Kernels kernels) {

  /// `x *= factor`.
  public void apply(Rows x) {
    if (x.rows() <= Rows.SHORT_SEGMENT) {
      apply(x, 0, x.rows());
    } else {
      RowBlocks.share(x.rows(), x.threads(), (from, to) -> apply(x, from, to));
    }
  }

  private void apply(Rows x, int from, int to) {
    kernels.scale(x.data(), from * x.width(), factor, (to - from) * x.width());
  }
}
