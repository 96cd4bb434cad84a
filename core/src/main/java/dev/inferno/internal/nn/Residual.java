package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Adds what a branch computed to the residual stream.
public record Residual(Kernels kernels) {

  /// `x += branch`.
  public void add(Rows x, Rows branch) {
    kernels.add(x.data(), 0, branch.data(), 0, x.rows() * x.width());
  }
}
