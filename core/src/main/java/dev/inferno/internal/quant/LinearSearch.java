package dev.inferno.internal.quant;

import java.util.Arrays;

/// The search for the scale of a group of 16, for `value = scale q` with q from -32 to 31: what
/// Q6_K does for each of its groups.
///
/// A few inverse scales around the one that maps the value of the largest magnitude to -32 are
/// tried. Each gives integers q, and those the scale that suits them best by least squares, where
/// the weight of a value is its square; the trial with the least weighted error wins. This is
/// ggml's `make_qx_quants`, and it sums in the same order, so that it decides alike to the last
/// bit. As in {@link AffineSearch}, all trials are made side by side. For one thread at a time.
final class LinearSearch {
  static final int LENGTH = 16;

  /// A group whose values are all smaller is taken for zeros.
  static final float NOTHING = 1e-15f;

  private static final int MOST = 32;
  private static final int TRIALS = 19;

  /// The plain way first, since what comes later must be better.
  private static final float[] STRETCHES = new float[TRIALS];

  static {
    for (int trial = 1, tenths = -9; trial < TRIALS; trial++, tenths++) {
      tenths += tenths == 0 ? 1 : 0;
      STRETCHES[trial] = -(MOST + 0.1f * tenths);
    }
    STRETCHES[0] = -MOST;
  }

  private final float[] inverses = new float[TRIALS];
  private final float[] sumsOfProducts = new float[TRIALS];
  private final float[] sumsOfSquares = new float[TRIALS];

  /// Returns the scale of the group that begins at `values[at]`, and writes the integers that go
  /// with it, raised by 32, to `found[at - base]` and on; all 0 for a group of zeros.
  float run(float[] values, int at, int[] found, int base) {
    int to = at - base;
    float farthest = Range.farthest(values, at, LENGTH);
    if (Math.abs(farthest) < NOTHING) {
      Arrays.fill(found, to, to + LENGTH, 0);
      return 0;
    }
    for (int trial = 0; trial < TRIALS; trial++) {
      inverses[trial] = STRETCHES[trial] / farthest;
      sumsOfProducts[trial] = 0;
      sumsOfSquares[trial] = 0;
    }
    for (int i = 0; i < LENGTH; i++) {
      addSums(values[at + i]);
    }
    int best = 0;
    float scale = sumsOfSquares[0] == 0 ? 0 : sumsOfProducts[0] / sumsOfSquares[0];
    float gain = scale * sumsOfProducts[0];
    for (int trial = 1; trial < TRIALS; trial++) {
      float products = sumsOfProducts[trial];
      float squares = sumsOfSquares[trial];
      if (squares > 0 && products * products > gain * squares) {
        best = trial;
        scale = products / squares;
        gain = scale * products;
      }
    }
    for (int i = 0; i < LENGTH; i++) {
      found[to + i] = quant(inverses[best] * values[at + i]);
    }
    return scale;
  }

  /// The nearest q, raised by 32.
  static int quant(float x) {
    return Math.clamp((long) Rounding.nearest(x), -MOST, MOST - 1) + MOST;
  }

  private void addSums(float x) {
    float weight = x * x;
    float weighted = weight * x;
    for (int trial = 0; trial < TRIALS; trial++) {
      float rounded = Rounding.nearest(inverses[trial] * x);
      float q = Math.min(MOST - 1, Math.max(-MOST, rounded));
      sumsOfProducts[trial] += weighted * q;
      sumsOfSquares[trial] += weight * q * q;
    }
  }
}
