package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The product of many rows of x with a page, as outer products that stay in registers: two vectors
/// of the page times each of several rows' broadcast values. Whatever the tile, a sum begins with
/// what is there and runs over k in rising order, so that all tiles give the same bits.
///
/// Here are the choice of tiles and those that are one vector wide, for the last columns; {@link
/// VectorPageTilePairs} does nearly all. Written out for the reason that {@link FusedProduct}
/// gives.
final class VectorPageTile {
  /// The rows of a tile.
  private static final int HIGH = 6;

  private VectorPageTile() {}

  /// See {@link Kernels#pageProduct}.
  ///
  /// @param rows a multiple of 6
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
        int at = outAt + row * outStride;
        Arrays.fill(out, at, at + columns, 0);
      }
    }
    int column = 0;
    for (; column + 2 * LANES <= columns; column += 2 * LANES) {
      VectorPageTilePairs.multiply(
          x,
          xAt,
          xStride,
          rows,
          panel,
          panelAt + column,
          panelWidth,
          k,
          out,
          outAt + column,
          outStride);
    }
    for (; column + LANES <= columns; column += LANES) {
      singles(
          x,
          xAt,
          xStride,
          rows,
          panel,
          panelAt + column,
          panelWidth,
          k,
          out,
          outAt + column,
          outStride);
    }
    if (column < columns) {
      for (int row = 0; row < rows; row++) {
        edge(
            x,
            xAt + row * xStride,
            panel,
            panelAt + column,
            panelWidth,
            k,
            out,
            outAt + row * outStride + column,
            columns - column);
      }
    }
  }

  private static void singles(
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
      int outStride) {
    for (int row = 0; row < rows; row += HIGH) {
      single6(
          x,
          xAt + row * xStride,
          xStride,
          panel,
          panelAt,
          panelWidth,
          k,
          out,
          outAt + row * outStride,
          outStride);
    }
  }

  /// One row times the last columns, fewer than a vector has lanes.
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
      sum =
          FloatVector.broadcast(FLOATS, x[xAt + i])
              .fma(FloatVector.fromArray(FLOATS, panel, p), sum);
    }
    sum.intoArray(out, outAt, mask);
  }

  /// 6 rows times one vector.
  private static void single6(
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
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int x4 = xAt + 4 * xStride;
    int x5 = xAt + 5 * xStride;
    int o1 = outAt + outStride;
    int o2 = outAt + 2 * outStride;
    int o3 = outAt + 3 * outStride;
    int o4 = outAt + 4 * outStride;
    int o5 = outAt + 5 * outStride;
    FloatVector a0 = FloatVector.fromArray(FLOATS, out, outAt);
    FloatVector a1 = FloatVector.fromArray(FLOATS, out, o1);
    FloatVector a2 = FloatVector.fromArray(FLOATS, out, o2);
    FloatVector a3 = FloatVector.fromArray(FLOATS, out, o3);
    FloatVector a4 = FloatVector.fromArray(FLOATS, out, o4);
    FloatVector a5 = FloatVector.fromArray(FLOATS, out, o5);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, p);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = y.fma(a, a0);
      y = FloatVector.broadcast(FLOATS, x[x1 + i]);
      a1 = y.fma(a, a1);
      y = FloatVector.broadcast(FLOATS, x[x2 + i]);
      a2 = y.fma(a, a2);
      y = FloatVector.broadcast(FLOATS, x[x3 + i]);
      a3 = y.fma(a, a3);
      y = FloatVector.broadcast(FLOATS, x[x4 + i]);
      a4 = y.fma(a, a4);
      y = FloatVector.broadcast(FLOATS, x[x5 + i]);
      a5 = y.fma(a, a5);
    }
    a0.intoArray(out, outAt);
    a1.intoArray(out, o1);
    a2.intoArray(out, o2);
    a3.intoArray(out, o3);
    a4.intoArray(out, o4);
    a5.intoArray(out, o5);
  }
}
