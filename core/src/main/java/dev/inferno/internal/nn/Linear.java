package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;

/// An affine map `out = W x + b`; without a bias, b is empty.
public record Linear(Weight weight, float[] bias, Kernels kernels) {

  /// Maps every row of `x` into `out`.
  public void apply(Rows x, Rows out) {
    weight.multiply(x, out);
    if (bias.length > 0) {
      for (int row = 0; row < out.rows(); row++) {
        kernels.add(out.data(), row * out.width(), bias, 0, bias.length);
      }
    }
  }
}
