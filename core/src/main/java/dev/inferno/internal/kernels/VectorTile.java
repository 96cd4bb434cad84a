package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// The product of some rows of x with a packed panel, as outer products that stay in registers: two
/// vectors of the panel times each of several rows' broadcast values. Whatever the tile, a sum
/// begins at zero and runs over k in rising order, so that all tiles give the same bits.
///
/// With 32 registers the tile is 12 rows high, 24 accumulators: 117 of 118 GFLOP/s were measured on
/// one core. With 16 registers it is 6.
final class VectorTile {
  private static final int HIGH = 12;
  private static final int LOW = 6;

  /// AVX and AVX2, whose vectors are 256 bits wide, have 16 registers.
  private static final boolean MANY_REGISTERS = FLOATS.vectorBitSize() == 512;

  private VectorTile() {}

  /// See {@link Kernels#tile}.
  static void multiply(
      float[] x,
      int xAt,
      int xStride,
      int rows,
      float[] panel,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate) {
    int column = 0;
    for (; column + 2 * LANES <= panelWidth && column < columns; column += 2 * LANES) {
      pairs(
          x,
          xAt,
          xStride,
          rows,
          panel,
          column,
          panelWidth,
          k,
          out,
          outAt + column,
          outStride,
          columns - column,
          accumulate);
    }
    for (; column < columns; column += LANES) {
      int row = 0;
      for (; row + LOW <= rows; row += LOW) {
        single6(
            x,
            xAt + row * xStride,
            xStride,
            panel,
            column,
            panelWidth,
            k,
            out,
            outAt + row * outStride + column,
            outStride,
            columns - column,
            accumulate);
      }
      for (; row < rows; row++) {
        single1(
            x,
            xAt + row * xStride,
            panel,
            column,
            panelWidth,
            k,
            out,
            outAt + row * outStride + column,
            columns - column,
            accumulate);
      }
    }
  }

  private static void pairs(
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
    int row = 0;
    if (MANY_REGISTERS) {
      for (; row + HIGH <= rows; row += HIGH) {
        pair12(
            x,
            xAt + row * xStride,
            xStride,
            panel,
            panelAt,
            panelWidth,
            k,
            out,
            outAt + row * outStride,
            outStride,
            columns,
            accumulate);
      }
    }
    for (; row + LOW <= rows; row += LOW) {
      pair6(
          x,
          xAt + row * xStride,
          xStride,
          panel,
          panelAt,
          panelWidth,
          k,
          out,
          outAt + row * outStride,
          outStride,
          columns,
          accumulate);
    }
    for (; row < rows; row++) {
      pair1(
          x,
          xAt + row * xStride,
          panel,
          panelAt,
          panelWidth,
          k,
          out,
          outAt + row * outStride,
          columns,
          accumulate);
    }
  }

  private static void store(FloatVector sum, float[] out, int at, int columns, boolean accumulate) {
    if (columns >= LANES) {
      (accumulate ? Simd.load(out, at).add(sum) : sum).intoArray(out, at);
    } else if (columns > 0) {
      storePart(sum, out, at, columns, accumulate);
    }
  }

  private static void storePart(
      FloatVector sum, float[] out, int at, int columns, boolean accumulate) {
    VectorMask<Float> mask = FLOATS.indexInRange(0, columns);
    (accumulate ? FloatVector.fromArray(FLOATS, out, at, mask).add(sum) : sum)
        .intoArray(out, at, mask);
  }

  /// 12 rows times two vectors.
  private static void pair12(
      float[] x,
      int xAt,
      int xStride,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = FloatVector.zero(FLOATS);
    FloatVector a1 = FloatVector.zero(FLOATS);
    FloatVector b1 = FloatVector.zero(FLOATS);
    FloatVector a2 = FloatVector.zero(FLOATS);
    FloatVector b2 = FloatVector.zero(FLOATS);
    FloatVector a3 = FloatVector.zero(FLOATS);
    FloatVector b3 = FloatVector.zero(FLOATS);
    FloatVector a4 = FloatVector.zero(FLOATS);
    FloatVector b4 = FloatVector.zero(FLOATS);
    FloatVector a5 = FloatVector.zero(FLOATS);
    FloatVector b5 = FloatVector.zero(FLOATS);
    FloatVector a6 = FloatVector.zero(FLOATS);
    FloatVector b6 = FloatVector.zero(FLOATS);
    FloatVector a7 = FloatVector.zero(FLOATS);
    FloatVector b7 = FloatVector.zero(FLOATS);
    FloatVector a8 = FloatVector.zero(FLOATS);
    FloatVector b8 = FloatVector.zero(FLOATS);
    FloatVector a9 = FloatVector.zero(FLOATS);
    FloatVector b9 = FloatVector.zero(FLOATS);
    FloatVector a10 = FloatVector.zero(FLOATS);
    FloatVector b10 = FloatVector.zero(FLOATS);
    FloatVector a11 = FloatVector.zero(FLOATS);
    FloatVector b11 = FloatVector.zero(FLOATS);
    int x1 = xAt + xStride;
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int x4 = xAt + 4 * xStride;
    int x5 = xAt + 5 * xStride;
    int x6 = xAt + 6 * xStride;
    int x7 = xAt + 7 * xStride;
    int x8 = xAt + 8 * xStride;
    int x9 = xAt + 9 * xStride;
    int x10 = xAt + 10 * xStride;
    int x11 = xAt + 11 * xStride;
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = Simd.load(panel, p);
      FloatVector b = Simd.load(panel, p + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = Simd.fma(y, a, a0);
      b0 = Simd.fma(y, b, b0);
      y = FloatVector.broadcast(FLOATS, x[x1 + i]);
      a1 = Simd.fma(y, a, a1);
      b1 = Simd.fma(y, b, b1);
      y = FloatVector.broadcast(FLOATS, x[x2 + i]);
      a2 = Simd.fma(y, a, a2);
      b2 = Simd.fma(y, b, b2);
      y = FloatVector.broadcast(FLOATS, x[x3 + i]);
      a3 = Simd.fma(y, a, a3);
      b3 = Simd.fma(y, b, b3);
      y = FloatVector.broadcast(FLOATS, x[x4 + i]);
      a4 = Simd.fma(y, a, a4);
      b4 = Simd.fma(y, b, b4);
      y = FloatVector.broadcast(FLOATS, x[x5 + i]);
      a5 = Simd.fma(y, a, a5);
      b5 = Simd.fma(y, b, b5);
      y = FloatVector.broadcast(FLOATS, x[x6 + i]);
      a6 = Simd.fma(y, a, a6);
      b6 = Simd.fma(y, b, b6);
      y = FloatVector.broadcast(FLOATS, x[x7 + i]);
      a7 = Simd.fma(y, a, a7);
      b7 = Simd.fma(y, b, b7);
      y = FloatVector.broadcast(FLOATS, x[x8 + i]);
      a8 = Simd.fma(y, a, a8);
      b8 = Simd.fma(y, b, b8);
      y = FloatVector.broadcast(FLOATS, x[x9 + i]);
      a9 = Simd.fma(y, a, a9);
      b9 = Simd.fma(y, b, b9);
      y = FloatVector.broadcast(FLOATS, x[x10 + i]);
      a10 = Simd.fma(y, a, a10);
      b10 = Simd.fma(y, b, b10);
      y = FloatVector.broadcast(FLOATS, x[x11 + i]);
      a11 = Simd.fma(y, a, a11);
      b11 = Simd.fma(y, b, b11);
    }
    store(a0, out, outAt, columns, accumulate);
    store(b0, out, outAt + LANES, columns - LANES, accumulate);
    store(a1, out, outAt + outStride, columns, accumulate);
    store(b1, out, outAt + outStride + LANES, columns - LANES, accumulate);
    store(a2, out, outAt + 2 * outStride, columns, accumulate);
    store(b2, out, outAt + 2 * outStride + LANES, columns - LANES, accumulate);
    store(a3, out, outAt + 3 * outStride, columns, accumulate);
    store(b3, out, outAt + 3 * outStride + LANES, columns - LANES, accumulate);
    store(a4, out, outAt + 4 * outStride, columns, accumulate);
    store(b4, out, outAt + 4 * outStride + LANES, columns - LANES, accumulate);
    store(a5, out, outAt + 5 * outStride, columns, accumulate);
    store(b5, out, outAt + 5 * outStride + LANES, columns - LANES, accumulate);
    store(a6, out, outAt + 6 * outStride, columns, accumulate);
    store(b6, out, outAt + 6 * outStride + LANES, columns - LANES, accumulate);
    store(a7, out, outAt + 7 * outStride, columns, accumulate);
    store(b7, out, outAt + 7 * outStride + LANES, columns - LANES, accumulate);
    store(a8, out, outAt + 8 * outStride, columns, accumulate);
    store(b8, out, outAt + 8 * outStride + LANES, columns - LANES, accumulate);
    store(a9, out, outAt + 9 * outStride, columns, accumulate);
    store(b9, out, outAt + 9 * outStride + LANES, columns - LANES, accumulate);
    store(a10, out, outAt + 10 * outStride, columns, accumulate);
    store(b10, out, outAt + 10 * outStride + LANES, columns - LANES, accumulate);
    store(a11, out, outAt + 11 * outStride, columns, accumulate);
    store(b11, out, outAt + 11 * outStride + LANES, columns - LANES, accumulate);
  }

  /// 6 rows times two vectors.
  private static void pair6(
      float[] x,
      int xAt,
      int xStride,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int outStride,
      int columns,
      boolean accumulate) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = FloatVector.zero(FLOATS);
    FloatVector a1 = FloatVector.zero(FLOATS);
    FloatVector b1 = FloatVector.zero(FLOATS);
    FloatVector a2 = FloatVector.zero(FLOATS);
    FloatVector b2 = FloatVector.zero(FLOATS);
    FloatVector a3 = FloatVector.zero(FLOATS);
    FloatVector b3 = FloatVector.zero(FLOATS);
    FloatVector a4 = FloatVector.zero(FLOATS);
    FloatVector b4 = FloatVector.zero(FLOATS);
    FloatVector a5 = FloatVector.zero(FLOATS);
    FloatVector b5 = FloatVector.zero(FLOATS);
    int x1 = xAt + xStride;
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int x4 = xAt + 4 * xStride;
    int x5 = xAt + 5 * xStride;
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = Simd.load(panel, p);
      FloatVector b = Simd.load(panel, p + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = Simd.fma(y, a, a0);
      b0 = Simd.fma(y, b, b0);
      y = FloatVector.broadcast(FLOATS, x[x1 + i]);
      a1 = Simd.fma(y, a, a1);
      b1 = Simd.fma(y, b, b1);
      y = FloatVector.broadcast(FLOATS, x[x2 + i]);
      a2 = Simd.fma(y, a, a2);
      b2 = Simd.fma(y, b, b2);
      y = FloatVector.broadcast(FLOATS, x[x3 + i]);
      a3 = Simd.fma(y, a, a3);
      b3 = Simd.fma(y, b, b3);
      y = FloatVector.broadcast(FLOATS, x[x4 + i]);
      a4 = Simd.fma(y, a, a4);
      b4 = Simd.fma(y, b, b4);
      y = FloatVector.broadcast(FLOATS, x[x5 + i]);
      a5 = Simd.fma(y, a, a5);
      b5 = Simd.fma(y, b, b5);
    }
    store(a0, out, outAt, columns, accumulate);
    store(b0, out, outAt + LANES, columns - LANES, accumulate);
    store(a1, out, outAt + outStride, columns, accumulate);
    store(b1, out, outAt + outStride + LANES, columns - LANES, accumulate);
    store(a2, out, outAt + 2 * outStride, columns, accumulate);
    store(b2, out, outAt + 2 * outStride + LANES, columns - LANES, accumulate);
    store(a3, out, outAt + 3 * outStride, columns, accumulate);
    store(b3, out, outAt + 3 * outStride + LANES, columns - LANES, accumulate);
    store(a4, out, outAt + 4 * outStride, columns, accumulate);
    store(b4, out, outAt + 4 * outStride + LANES, columns - LANES, accumulate);
    store(a5, out, outAt + 5 * outStride, columns, accumulate);
    store(b5, out, outAt + 5 * outStride + LANES, columns - LANES, accumulate);
  }

  /// One row times two vectors.
  private static void pair1(
      float[] x,
      int xAt,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int columns,
      boolean accumulate) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = FloatVector.zero(FLOATS);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = Simd.load(panel, p);
      FloatVector b = Simd.load(panel, p + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = Simd.fma(y, a, a0);
      b0 = Simd.fma(y, b, b0);
    }
    store(a0, out, outAt, columns, accumulate);
    store(b0, out, outAt + LANES, columns - LANES, accumulate);
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
      int outStride,
      int columns,
      boolean accumulate) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector a1 = FloatVector.zero(FLOATS);
    FloatVector a2 = FloatVector.zero(FLOATS);
    FloatVector a3 = FloatVector.zero(FLOATS);
    FloatVector a4 = FloatVector.zero(FLOATS);
    FloatVector a5 = FloatVector.zero(FLOATS);
    int x1 = xAt + xStride;
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int x4 = xAt + 4 * xStride;
    int x5 = xAt + 5 * xStride;
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = Simd.load(panel, p);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = Simd.fma(y, a, a0);
      y = FloatVector.broadcast(FLOATS, x[x1 + i]);
      a1 = Simd.fma(y, a, a1);
      y = FloatVector.broadcast(FLOATS, x[x2 + i]);
      a2 = Simd.fma(y, a, a2);
      y = FloatVector.broadcast(FLOATS, x[x3 + i]);
      a3 = Simd.fma(y, a, a3);
      y = FloatVector.broadcast(FLOATS, x[x4 + i]);
      a4 = Simd.fma(y, a, a4);
      y = FloatVector.broadcast(FLOATS, x[x5 + i]);
      a5 = Simd.fma(y, a, a5);
    }
    store(a0, out, outAt, columns, accumulate);
    store(a1, out, outAt + outStride, columns, accumulate);
    store(a2, out, outAt + 2 * outStride, columns, accumulate);
    store(a3, out, outAt + 3 * outStride, columns, accumulate);
    store(a4, out, outAt + 4 * outStride, columns, accumulate);
    store(a5, out, outAt + 5 * outStride, columns, accumulate);
  }

  /// One row times one vector.
  private static void single1(
      float[] x,
      int xAt,
      float[] panel,
      int panelAt,
      int panelWidth,
      int k,
      float[] out,
      int outAt,
      int columns,
      boolean accumulate) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = Simd.load(panel, p);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = Simd.fma(y, a, a0);
    }
    store(a0, out, outAt, columns, accumulate);
  }
}
