package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.kernels.Weights;

/// An affine map `out = W x + b`; without a bias, b is empty.
public final class Linear implements Projection {
  private final Weight weight;
  private final float[] bias;
  private final Kernels kernels;

  /// The map with this weight, `[rows, columns]`, and this bias, of `rows` floats or empty.
  public Linear(Weight weight, float[] bias, Kernels kernels) {
    this.weight = weight;
    this.bias = bias;
    this.kernels = kernels;
  }

  /// Several maps of the same input in one product, their results side by side.
  public static Linear stack(Kernels kernels, Linear... parts) {
    Weight[] weights = new Weight[parts.length];
    boolean biased = false;
    for (int i = 0; i < parts.length; i++) {
      weights[i] = parts[i].weight;
      biased |= parts[i].bias.length > 0;
    }
    Weight weight = Weights.stack(weights);
    if (!biased) {
      return new Linear(weight, new float[0], kernels);
    }
    float[] bias = new float[weight.rows()];
    int at = 0;
    for (Linear part : parts) {
      System.arraycopy(part.bias, 0, bias, at, part.bias.length);
      at += part.weight.rows();
    }
    return new Linear(weight, bias, kernels);
  }

  /// The matrix W.
  public Weight weight() {
    return weight;
  }

  /// The bias b, one number per row or empty. Nobody changes it.
  public float[] bias() {
    return bias;
  }

  /// Maps every row of `x` into `out`.
  public void apply(Rows x, Rows out) {
    weight.multiply(x, out);
    addBias(out);
  }

  @Override
  public void apply(Rows x, Rows out, State state) {
    apply(x, out);
  }

  void applyWithoutBias(Rows x, Rows out) {
    weight.multiply(x, out);
  }

  void addBias(Rows out) {
    for (int row = 0; bias.length > 0 && row < out.rows(); row++) {
      addBias(out, row);
    }
  }

  void addBias(Rows out, int row) {
    kernels.add(out.data(), row * out.width(), bias, 0, bias.length);
  }
}
