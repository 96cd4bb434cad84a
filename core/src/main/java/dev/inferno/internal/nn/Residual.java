package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Adds what a branch computed to the residual stream.
public record Residual(Kernels kernels) {

  /// `x += branch`.
  public void add(Rows x, Rows branch) {
    if (x.rows() <= Rows.SHORT_SEGMENT) {
      add(x, branch, 0, x.rows());
    } else {
      RowBlocks.share(x.rows(), x.threads(), (from, to) -> add(x, branch, from, to));
    }
  }

  private void add(Rows x, Rows branch, int from, int to) {
    int at = from * x.width();
    kernels.add(x.data(), at, branch.data(), at, (to - from) * x.width());
  }
}
