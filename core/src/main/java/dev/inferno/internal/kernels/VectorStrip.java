package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The product of a few rows of x with a packed panel: what {@link VectorPageTile} computes, to the
/// bit, where rows are too few for its tiles, as the query heads of one token are that share a page
/// of keys.
///
/// One row keeps four sums going, as many as an fma takes cycles; two rows share what is loaded.
/// Written out for the reason that {@link FusedProduct} gives.
final class VectorStrip {
  private VectorStrip() {}

  /// See {@link Kernels#pageProduct}.
  static void multiply(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate) {
    if (!accumulate) {
      for (int row = 0; row < rows; row++) {
        Arrays.fill(out, outAt + row * outStride, outAt + row * outStride + columns, 0);
      }
    }
    int column = 0;
    for (; column + 4 * LANES <= columns; column += 4 * LANES) {
      int row = 0;
      for (; row + 2 <= rows; row += 2) {
        int from = xAt + row * xStride;
        int to = outAt + row * outStride + column;
        two(x, from, xStride, panel, panelAt + column, panelWidth, k, out, to, outStride);
      }
      if (row < rows) {
        int to = outAt + row * outStride + column;
        one(x, xAt + row * xStride, panel, panelAt + column, panelWidth, k, out, to);
      }
    }
    for (; column < columns; column += LANES) {
      int width = Math.min(LANES, columns - column);
      for (int row = 0; row < rows; row++) {
        int to = outAt + row * outStride + column;
        edge(x, xAt + row * xStride, panel, panelAt + column, panelWidth, k, out, to, width);
      }
    }
  }

  /// Two rows times four vectors.
  private static void two(
      float[] x,
      int xAt,
      int xStride,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride) {
    int x1 = xAt + xStride;
    int o1 = outAt + outStride;
    FloatVector a0 = FloatVector.fromArray(FLOATS, out, outAt);
    FloatVector b0 = FloatVector.fromArray(FLOATS, out, outAt + LANES);
    FloatVector c0 = FloatVector.fromArray(FLOATS, out, outAt + 2 * LANES);
    FloatVector d0 = FloatVector.fromArray(FLOATS, out, outAt + 3 * LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, out, o1);
    FloatVector b1 = FloatVector.fromArray(FLOATS, out, o1 + LANES);
    FloatVector c1 = FloatVector.fromArray(FLOATS, out, o1 + 2 * LANES);
    FloatVector d1 = FloatVector.fromArray(FLOATS, out, o1 + 3 * LANES);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector y0 = FloatVector.broadcast(FLOATS, x[xAt + i]);
      FloatVector y1 = FloatVector.broadcast(FLOATS, x[x1 + i]);
      FloatVector v = FloatVector.fromArray(FLOATS, panel, p);
      a0 = y0.fma(v, a0);
      a1 = y1.fma(v, a1);
      v = FloatVector.fromArray(FLOATS, panel, p + LANES);
      b0 = y0.fma(v, b0);
      b1 = y1.fma(v, b1);
      v = FloatVector.fromArray(FLOATS, panel, p + 2 * LANES);
      c0 = y0.fma(v, c0);
      c1 = y1.fma(v, c1);
      v = FloatVector.fromArray(FLOATS, panel, p + 3 * LANES);
      d0 = y0.fma(v, d0);
      d1 = y1.fma(v, d1);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    c0.intoArray(out, outAt + 2 * LANES);
    d0.intoArray(out, outAt + 3 * LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    c1.intoArray(out, o1 + 2 * LANES);
    d1.intoArray(out, o1 + 3 * LANES);
  }

  /// One row times four vectors.
  private static void one(
      float[] x,
      int xAt,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt) {
    FloatVector a = FloatVector.fromArray(FLOATS, out, outAt);
    FloatVector b = FloatVector.fromArray(FLOATS, out, outAt + LANES);
    FloatVector c = FloatVector.fromArray(FLOATS, out, outAt + 2 * LANES);
    FloatVector d = FloatVector.fromArray(FLOATS, out, outAt + 3 * LANES);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a = y.fma(FloatVector.fromArray(FLOATS, panel, p), a);
      b = y.fma(FloatVector.fromArray(FLOATS, panel, p + LANES), b);
      c = y.fma(FloatVector.fromArray(FLOATS, panel, p + 2 * LANES), c);
      d = y.fma(FloatVector.fromArray(FLOATS, panel, p + 3 * LANES), d);
    }
    a.intoArray(out, outAt);
    b.intoArray(out, outAt + LANES);
    c.intoArray(out, outAt + 2 * LANES);
    d.intoArray(out, outAt + 3 * LANES);
  }

  /// One row times at most one vector of columns.
  private static void edge(
      float[] x,
      int xAt,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int columns) {
    VectorMask<Float> mask = Simd.first(columns);
    FloatVector sum = FloatVector.fromArray(FLOATS, out, outAt, mask);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      sum = y.fma(FloatVector.fromArray(FLOATS, panel, p), sum); // panels are whole vectors wide
    }
    sum.intoArray(out, outAt, mask);
  }
}
