package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/// The tiles of {@link VectorPageTile} that are two vectors wide.
///
/// With 32 registers such a tile is 12 rows high, with 16 it is 6. Written out for the reason that
/// {@link FusedProduct} gives.
final class VectorPageTilePairs {
  private static final int HIGH = 12;
  private static final int LOW = 6;

  /// AVX and AVX2, whose vectors are 256 bits wide, have 16 registers.
  private static final boolean MANY_REGISTERS = FLOATS.vectorBitSize() == 512;

  private VectorPageTilePairs() {}

  /// Some rows, a multiple of 6, times two vectors of the page, added to what is there.
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
      int outStride) {
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
            outStride);
      }
    }
    for (; row < rows; row += LOW) {
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
          outStride);
    }
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
      int outStride) {
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
    int o1 = outAt + outStride;
    int o2 = outAt + 2 * outStride;
    int o3 = outAt + 3 * outStride;
    int o4 = outAt + 4 * outStride;
    int o5 = outAt + 5 * outStride;
    int o6 = outAt + 6 * outStride;
    int o7 = outAt + 7 * outStride;
    int o8 = outAt + 8 * outStride;
    int o9 = outAt + 9 * outStride;
    int o10 = outAt + 10 * outStride;
    int o11 = outAt + 11 * outStride;
    FloatVector a0 = FloatVector.fromArray(FLOATS, out, outAt);
    FloatVector b0 = FloatVector.fromArray(FLOATS, out, outAt + LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, out, o1);
    FloatVector b1 = FloatVector.fromArray(FLOATS, out, o1 + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, out, o2);
    FloatVector b2 = FloatVector.fromArray(FLOATS, out, o2 + LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, out, o3);
    FloatVector b3 = FloatVector.fromArray(FLOATS, out, o3 + LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, out, o4);
    FloatVector b4 = FloatVector.fromArray(FLOATS, out, o4 + LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, out, o5);
    FloatVector b5 = FloatVector.fromArray(FLOATS, out, o5 + LANES);
    FloatVector a6 = FloatVector.fromArray(FLOATS, out, o6);
    FloatVector b6 = FloatVector.fromArray(FLOATS, out, o6 + LANES);
    FloatVector a7 = FloatVector.fromArray(FLOATS, out, o7);
    FloatVector b7 = FloatVector.fromArray(FLOATS, out, o7 + LANES);
    FloatVector a8 = FloatVector.fromArray(FLOATS, out, o8);
    FloatVector b8 = FloatVector.fromArray(FLOATS, out, o8 + LANES);
    FloatVector a9 = FloatVector.fromArray(FLOATS, out, o9);
    FloatVector b9 = FloatVector.fromArray(FLOATS, out, o9 + LANES);
    FloatVector a10 = FloatVector.fromArray(FLOATS, out, o10);
    FloatVector b10 = FloatVector.fromArray(FLOATS, out, o10 + LANES);
    FloatVector a11 = FloatVector.fromArray(FLOATS, out, o11);
    FloatVector b11 = FloatVector.fromArray(FLOATS, out, o11 + LANES);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, p);
      FloatVector b = FloatVector.fromArray(FLOATS, panel, p + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = y.fma(a, a0);
      b0 = y.fma(b, b0);
      y = FloatVector.broadcast(FLOATS, x[x1 + i]);
      a1 = y.fma(a, a1);
      b1 = y.fma(b, b1);
      y = FloatVector.broadcast(FLOATS, x[x2 + i]);
      a2 = y.fma(a, a2);
      b2 = y.fma(b, b2);
      y = FloatVector.broadcast(FLOATS, x[x3 + i]);
      a3 = y.fma(a, a3);
      b3 = y.fma(b, b3);
      y = FloatVector.broadcast(FLOATS, x[x4 + i]);
      a4 = y.fma(a, a4);
      b4 = y.fma(b, b4);
      y = FloatVector.broadcast(FLOATS, x[x5 + i]);
      a5 = y.fma(a, a5);
      b5 = y.fma(b, b5);
      y = FloatVector.broadcast(FLOATS, x[x6 + i]);
      a6 = y.fma(a, a6);
      b6 = y.fma(b, b6);
      y = FloatVector.broadcast(FLOATS, x[x7 + i]);
      a7 = y.fma(a, a7);
      b7 = y.fma(b, b7);
      y = FloatVector.broadcast(FLOATS, x[x8 + i]);
      a8 = y.fma(a, a8);
      b8 = y.fma(b, b8);
      y = FloatVector.broadcast(FLOATS, x[x9 + i]);
      a9 = y.fma(a, a9);
      b9 = y.fma(b, b9);
      y = FloatVector.broadcast(FLOATS, x[x10 + i]);
      a10 = y.fma(a, a10);
      b10 = y.fma(b, b10);
      y = FloatVector.broadcast(FLOATS, x[x11 + i]);
      a11 = y.fma(a, a11);
      b11 = y.fma(b, b11);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
    a3.intoArray(out, o3);
    b3.intoArray(out, o3 + LANES);
    a4.intoArray(out, o4);
    b4.intoArray(out, o4 + LANES);
    a5.intoArray(out, o5);
    b5.intoArray(out, o5 + LANES);
    a6.intoArray(out, o6);
    b6.intoArray(out, o6 + LANES);
    a7.intoArray(out, o7);
    b7.intoArray(out, o7 + LANES);
    a8.intoArray(out, o8);
    b8.intoArray(out, o8 + LANES);
    a9.intoArray(out, o9);
    b9.intoArray(out, o9 + LANES);
    a10.intoArray(out, o10);
    b10.intoArray(out, o10 + LANES);
    a11.intoArray(out, o11);
    b11.intoArray(out, o11 + LANES);
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
    FloatVector b0 = FloatVector.fromArray(FLOATS, out, outAt + LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, out, o1);
    FloatVector b1 = FloatVector.fromArray(FLOATS, out, o1 + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, out, o2);
    FloatVector b2 = FloatVector.fromArray(FLOATS, out, o2 + LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, out, o3);
    FloatVector b3 = FloatVector.fromArray(FLOATS, out, o3 + LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, out, o4);
    FloatVector b4 = FloatVector.fromArray(FLOATS, out, o4 + LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, out, o5);
    FloatVector b5 = FloatVector.fromArray(FLOATS, out, o5 + LANES);
    for (int i = 0, p = panelAt; i < k; i++, p += panelWidth) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, p);
      FloatVector b = FloatVector.fromArray(FLOATS, panel, p + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
      a0 = y.fma(a, a0);
      b0 = y.fma(b, b0);
      y = FloatVector.broadcast(FLOATS, x[x1 + i]);
      a1 = y.fma(a, a1);
      b1 = y.fma(b, b1);
      y = FloatVector.broadcast(FLOATS, x[x2 + i]);
      a2 = y.fma(a, a2);
      b2 = y.fma(b, b2);
      y = FloatVector.broadcast(FLOATS, x[x3 + i]);
      a3 = y.fma(a, a3);
      b3 = y.fma(b, b3);
      y = FloatVector.broadcast(FLOATS, x[x4 + i]);
      a4 = y.fma(a, a4);
      b4 = y.fma(b, b4);
      y = FloatVector.broadcast(FLOATS, x[x5 + i]);
      a5 = y.fma(a, a5);
      b5 = y.fma(b, b5);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    a1.intoArray(out, o1);
    b1.intoArray(out, o1 + LANES);
    a2.intoArray(out, o2);
    b2.intoArray(out, o2 + LANES);
    a3.intoArray(out, o3);
    b3.intoArray(out, o3 + LANES);
    a4.intoArray(out, o4);
    b4.intoArray(out, o4 + LANES);
    a5.intoArray(out, o5);
    b5.intoArray(out, o5 + LANES);
  }
}
