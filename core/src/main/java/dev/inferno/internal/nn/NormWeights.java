package dev.inferno.internal.nn;

/// The numbers of a norm, for who wants to compute with them. Nobody changes the arrays.
public final class NormWeights {
  private final float[] gain;
  private final float[] bias; // empty for a root mean square norm
  private final float epsilon;

  NormWeights(float[] gain, float[] bias, float epsilon) {
    this.gain = gain;
    this.bias = bias;
    this.epsilon = epsilon;
  }

  /// One factor per column.
  public float[] gain() {
    return gain;
  }

  /// One number per column of a layer norm; empty for a root mean square norm.
  public float[] bias() {
    return bias;
  }

  /// What is added to the mean square, or to the variance.
  public float epsilon() {
    return epsilon;
  }
}
