package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Layout.PANEL;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/// The product of a tile of x, see {@link RowTiles}, with a panel of weights, as outer products
/// that stay in registers: two vectors of the panel times each row's broadcast value. A sum runs
/// over k in rising order whatever the tile, so that all tiles give the same bits.
///
/// Of 32 registers 13 rows hold 26 sums, of 16 registers six rows 12; the rest is for a pair of
/// weights and what is broadcast. The smaller tile is for the last rows. Written out for the reason
/// that {@link FusedProduct} gives; how loops end {@link VectorLanes} tells.
final class VectorTile {
  /// AVX and AVX2, whose vectors are 256 bits wide, have 16 registers.
  private static final boolean MANY_REGISTERS = FLOATS.vectorBitSize() == 512;

  static final int HEIGHT = MANY_REGISTERS ? 13 : 6;
  static final int SMALL_HEIGHT = MANY_REGISTERS ? 7 : 3;

  private VectorTile() {}

  /// See {@link Kernels#tile}.
  static void multiply(
      float[] x,
      int xAt,
      int height,
      float[] panel,
      int k,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride) {
    int end = xAt + k * height;
    for (int j = 0; j < PANEL; j += 2 * LANES) {
      switch (height) {
        case 13 ->
            rows13(x, xAt, end, panel, j, from, fromAt + j, fromStride, out, outAt + j, outStride);
        case 7 ->
            rows7(x, xAt, end, panel, j, from, fromAt + j, fromStride, out, outAt + j, outStride);
        case 6 ->
            rows6(x, xAt, end, panel, j, from, fromAt + j, fromStride, out, outAt + j, outStride);
        case 3 ->
            rows3(x, xAt, end, panel, j, from, fromAt + j, fromStride, out, outAt + j, outStride);
        default -> throw new IllegalArgumentException("no tile has so many rows: " + height);
      }
    }
  }

  private static void rows13(
      float[] x,
      int xAt,
      int end,
      float[] panel,
      int panelAt,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, from, fromAt);
    FloatVector b0 = FloatVector.fromArray(FLOATS, from, fromAt + LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride);
    FloatVector b1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride);
    FloatVector b2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride + LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, from, fromAt + 3 * fromStride);
    FloatVector b3 = FloatVector.fromArray(FLOATS, from, fromAt + 3 * fromStride + LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, from, fromAt + 4 * fromStride);
    FloatVector b4 = FloatVector.fromArray(FLOATS, from, fromAt + 4 * fromStride + LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, from, fromAt + 5 * fromStride);
    FloatVector b5 = FloatVector.fromArray(FLOATS, from, fromAt + 5 * fromStride + LANES);
    FloatVector a6 = FloatVector.fromArray(FLOATS, from, fromAt + 6 * fromStride);
    FloatVector b6 = FloatVector.fromArray(FLOATS, from, fromAt + 6 * fromStride + LANES);
    FloatVector a7 = FloatVector.fromArray(FLOATS, from, fromAt + 7 * fromStride);
    FloatVector b7 = FloatVector.fromArray(FLOATS, from, fromAt + 7 * fromStride + LANES);
    FloatVector a8 = FloatVector.fromArray(FLOATS, from, fromAt + 8 * fromStride);
    FloatVector b8 = FloatVector.fromArray(FLOATS, from, fromAt + 8 * fromStride + LANES);
    FloatVector a9 = FloatVector.fromArray(FLOATS, from, fromAt + 9 * fromStride);
    FloatVector b9 = FloatVector.fromArray(FLOATS, from, fromAt + 9 * fromStride + LANES);
    FloatVector a10 = FloatVector.fromArray(FLOATS, from, fromAt + 10 * fromStride);
    FloatVector b10 = FloatVector.fromArray(FLOATS, from, fromAt + 10 * fromStride + LANES);
    FloatVector a11 = FloatVector.fromArray(FLOATS, from, fromAt + 11 * fromStride);
    FloatVector b11 = FloatVector.fromArray(FLOATS, from, fromAt + 11 * fromStride + LANES);
    FloatVector a12 = FloatVector.fromArray(FLOATS, from, fromAt + 12 * fromStride);
    FloatVector b12 = FloatVector.fromArray(FLOATS, from, fromAt + 12 * fromStride + LANES);
    for (int i = xAt; i != end; i += 13, panelAt += PANEL) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, panelAt);
      FloatVector b = FloatVector.fromArray(FLOATS, panel, panelAt + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[i]);
      a0 = y.fma(a, a0);
      b0 = y.fma(b, b0);
      y = FloatVector.broadcast(FLOATS, x[i + 1]);
      a1 = y.fma(a, a1);
      b1 = y.fma(b, b1);
      y = FloatVector.broadcast(FLOATS, x[i + 2]);
      a2 = y.fma(a, a2);
      b2 = y.fma(b, b2);
      y = FloatVector.broadcast(FLOATS, x[i + 3]);
      a3 = y.fma(a, a3);
      b3 = y.fma(b, b3);
      y = FloatVector.broadcast(FLOATS, x[i + 4]);
      a4 = y.fma(a, a4);
      b4 = y.fma(b, b4);
      y = FloatVector.broadcast(FLOATS, x[i + 5]);
      a5 = y.fma(a, a5);
      b5 = y.fma(b, b5);
      y = FloatVector.broadcast(FLOATS, x[i + 6]);
      a6 = y.fma(a, a6);
      b6 = y.fma(b, b6);
      y = FloatVector.broadcast(FLOATS, x[i + 7]);
      a7 = y.fma(a, a7);
      b7 = y.fma(b, b7);
      y = FloatVector.broadcast(FLOATS, x[i + 8]);
      a8 = y.fma(a, a8);
      b8 = y.fma(b, b8);
      y = FloatVector.broadcast(FLOATS, x[i + 9]);
      a9 = y.fma(a, a9);
      b9 = y.fma(b, b9);
      y = FloatVector.broadcast(FLOATS, x[i + 10]);
      a10 = y.fma(a, a10);
      b10 = y.fma(b, b10);
      y = FloatVector.broadcast(FLOATS, x[i + 11]);
      a11 = y.fma(a, a11);
      b11 = y.fma(b, b11);
      y = FloatVector.broadcast(FLOATS, x[i + 12]);
      a12 = y.fma(a, a12);
      b12 = y.fma(b, b12);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    a1.intoArray(out, outAt + outStride);
    b1.intoArray(out, outAt + outStride + LANES);
    a2.intoArray(out, outAt + 2 * outStride);
    b2.intoArray(out, outAt + 2 * outStride + LANES);
    a3.intoArray(out, outAt + 3 * outStride);
    b3.intoArray(out, outAt + 3 * outStride + LANES);
    a4.intoArray(out, outAt + 4 * outStride);
    b4.intoArray(out, outAt + 4 * outStride + LANES);
    a5.intoArray(out, outAt + 5 * outStride);
    b5.intoArray(out, outAt + 5 * outStride + LANES);
    a6.intoArray(out, outAt + 6 * outStride);
    b6.intoArray(out, outAt + 6 * outStride + LANES);
    a7.intoArray(out, outAt + 7 * outStride);
    b7.intoArray(out, outAt + 7 * outStride + LANES);
    a8.intoArray(out, outAt + 8 * outStride);
    b8.intoArray(out, outAt + 8 * outStride + LANES);
    a9.intoArray(out, outAt + 9 * outStride);
    b9.intoArray(out, outAt + 9 * outStride + LANES);
    a10.intoArray(out, outAt + 10 * outStride);
    b10.intoArray(out, outAt + 10 * outStride + LANES);
    a11.intoArray(out, outAt + 11 * outStride);
    b11.intoArray(out, outAt + 11 * outStride + LANES);
    a12.intoArray(out, outAt + 12 * outStride);
    b12.intoArray(out, outAt + 12 * outStride + LANES);
  }

  private static void rows7(
      float[] x,
      int xAt,
      int end,
      float[] panel,
      int panelAt,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, from, fromAt);
    FloatVector b0 = FloatVector.fromArray(FLOATS, from, fromAt + LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride);
    FloatVector b1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride);
    FloatVector b2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride + LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, from, fromAt + 3 * fromStride);
    FloatVector b3 = FloatVector.fromArray(FLOATS, from, fromAt + 3 * fromStride + LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, from, fromAt + 4 * fromStride);
    FloatVector b4 = FloatVector.fromArray(FLOATS, from, fromAt + 4 * fromStride + LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, from, fromAt + 5 * fromStride);
    FloatVector b5 = FloatVector.fromArray(FLOATS, from, fromAt + 5 * fromStride + LANES);
    FloatVector a6 = FloatVector.fromArray(FLOATS, from, fromAt + 6 * fromStride);
    FloatVector b6 = FloatVector.fromArray(FLOATS, from, fromAt + 6 * fromStride + LANES);
    for (int i = xAt; i != end; i += 7, panelAt += PANEL) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, panelAt);
      FloatVector b = FloatVector.fromArray(FLOATS, panel, panelAt + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[i]);
      a0 = y.fma(a, a0);
      b0 = y.fma(b, b0);
      y = FloatVector.broadcast(FLOATS, x[i + 1]);
      a1 = y.fma(a, a1);
      b1 = y.fma(b, b1);
      y = FloatVector.broadcast(FLOATS, x[i + 2]);
      a2 = y.fma(a, a2);
      b2 = y.fma(b, b2);
      y = FloatVector.broadcast(FLOATS, x[i + 3]);
      a3 = y.fma(a, a3);
      b3 = y.fma(b, b3);
      y = FloatVector.broadcast(FLOATS, x[i + 4]);
      a4 = y.fma(a, a4);
      b4 = y.fma(b, b4);
      y = FloatVector.broadcast(FLOATS, x[i + 5]);
      a5 = y.fma(a, a5);
      b5 = y.fma(b, b5);
      y = FloatVector.broadcast(FLOATS, x[i + 6]);
      a6 = y.fma(a, a6);
      b6 = y.fma(b, b6);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    a1.intoArray(out, outAt + outStride);
    b1.intoArray(out, outAt + outStride + LANES);
    a2.intoArray(out, outAt + 2 * outStride);
    b2.intoArray(out, outAt + 2 * outStride + LANES);
    a3.intoArray(out, outAt + 3 * outStride);
    b3.intoArray(out, outAt + 3 * outStride + LANES);
    a4.intoArray(out, outAt + 4 * outStride);
    b4.intoArray(out, outAt + 4 * outStride + LANES);
    a5.intoArray(out, outAt + 5 * outStride);
    b5.intoArray(out, outAt + 5 * outStride + LANES);
    a6.intoArray(out, outAt + 6 * outStride);
    b6.intoArray(out, outAt + 6 * outStride + LANES);
  }

  private static void rows6(
      float[] x,
      int xAt,
      int end,
      float[] panel,
      int panelAt,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, from, fromAt);
    FloatVector b0 = FloatVector.fromArray(FLOATS, from, fromAt + LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride);
    FloatVector b1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride);
    FloatVector b2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride + LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, from, fromAt + 3 * fromStride);
    FloatVector b3 = FloatVector.fromArray(FLOATS, from, fromAt + 3 * fromStride + LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, from, fromAt + 4 * fromStride);
    FloatVector b4 = FloatVector.fromArray(FLOATS, from, fromAt + 4 * fromStride + LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, from, fromAt + 5 * fromStride);
    FloatVector b5 = FloatVector.fromArray(FLOATS, from, fromAt + 5 * fromStride + LANES);
    for (int i = xAt; i != end; i += 6, panelAt += PANEL) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, panelAt);
      FloatVector b = FloatVector.fromArray(FLOATS, panel, panelAt + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[i]);
      a0 = y.fma(a, a0);
      b0 = y.fma(b, b0);
      y = FloatVector.broadcast(FLOATS, x[i + 1]);
      a1 = y.fma(a, a1);
      b1 = y.fma(b, b1);
      y = FloatVector.broadcast(FLOATS, x[i + 2]);
      a2 = y.fma(a, a2);
      b2 = y.fma(b, b2);
      y = FloatVector.broadcast(FLOATS, x[i + 3]);
      a3 = y.fma(a, a3);
      b3 = y.fma(b, b3);
      y = FloatVector.broadcast(FLOATS, x[i + 4]);
      a4 = y.fma(a, a4);
      b4 = y.fma(b, b4);
      y = FloatVector.broadcast(FLOATS, x[i + 5]);
      a5 = y.fma(a, a5);
      b5 = y.fma(b, b5);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    a1.intoArray(out, outAt + outStride);
    b1.intoArray(out, outAt + outStride + LANES);
    a2.intoArray(out, outAt + 2 * outStride);
    b2.intoArray(out, outAt + 2 * outStride + LANES);
    a3.intoArray(out, outAt + 3 * outStride);
    b3.intoArray(out, outAt + 3 * outStride + LANES);
    a4.intoArray(out, outAt + 4 * outStride);
    b4.intoArray(out, outAt + 4 * outStride + LANES);
    a5.intoArray(out, outAt + 5 * outStride);
    b5.intoArray(out, outAt + 5 * outStride + LANES);
  }

  private static void rows3(
      float[] x,
      int xAt,
      int end,
      float[] panel,
      int panelAt,
      float[] from,
      int fromAt,
      int fromStride,
      float[] out,
      int outAt,
      int outStride) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, from, fromAt);
    FloatVector b0 = FloatVector.fromArray(FLOATS, from, fromAt + LANES);
    FloatVector a1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride);
    FloatVector b1 = FloatVector.fromArray(FLOATS, from, fromAt + fromStride + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride);
    FloatVector b2 = FloatVector.fromArray(FLOATS, from, fromAt + 2 * fromStride + LANES);
    for (int i = xAt; i != end; i += 3, panelAt += PANEL) {
      FloatVector a = FloatVector.fromArray(FLOATS, panel, panelAt);
      FloatVector b = FloatVector.fromArray(FLOATS, panel, panelAt + LANES);
      FloatVector y = FloatVector.broadcast(FLOATS, x[i]);
      a0 = y.fma(a, a0);
      b0 = y.fma(b, b0);
      y = FloatVector.broadcast(FLOATS, x[i + 1]);
      a1 = y.fma(a, a1);
      b1 = y.fma(b, b1);
      y = FloatVector.broadcast(FLOATS, x[i + 2]);
      a2 = y.fma(a, a2);
      b2 = y.fma(b, b2);
    }
    a0.intoArray(out, outAt);
    b0.intoArray(out, outAt + LANES);
    a1.intoArray(out, outAt + outStride);
    b1.intoArray(out, outAt + outStride + LANES);
    a2.intoArray(out, outAt + 2 * outStride);
    b2.intoArray(out, outAt + 2 * outStride + LANES);
  }
}
