package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/// Four rows of x times two vectors of lanes that have been unpacked. Each sum has the bits that
/// {@link VectorLanes4#pairs} and its like give it. Two vectors share what is broadcast of x, and
/// four rows what is unpacked. The columns of lower halves of words have their turn before those of
/// upper ones, so that eight sums are held at once and not sixteen, which is as many registers as
/// AVX2 has. Written out for the reason that {@link FusedProduct} gives.
final class VectorLaneRows {
  private static final int ROWS = Rows.SHARING;

  /// Sums of one half: of four rows and two vectors.
  private static final int SUMS = ROWS * 2 * LANES;

  private VectorLaneRows() {}

  /// The sums of each scale, lower halves and upper ones: `sums[scale][half][row][lane]`.
  ///
  /// @param panel as {@link VectorLanes4#unpack} and its like have made it
  /// @param columns how many columns the panel has
  /// @param scaleColumns for how many columns a scale is, 16 or 32
  /// @param x rows as {@link Rows#arranged} has them
  static void products(
      float[] panel, int columns, int scaleColumns, float[] x, int xAt, float[] sums, int sumsAt) {
    int end = xAt + columns * ROWS;
    int scaleAt = 0;
    for (int from = xAt; from != end; from += scaleColumns * ROWS) {
      for (int half = 0; half != 2; half++) {
        FloatVector q0 = FloatVector.zero(FLOATS);
        FloatVector next0 = FloatVector.zero(FLOATS);
        FloatVector q1 = FloatVector.zero(FLOATS);
        FloatVector next1 = FloatVector.zero(FLOATS);
        FloatVector q2 = FloatVector.zero(FLOATS);
        FloatVector next2 = FloatVector.zero(FLOATS);
        FloatVector q3 = FloatVector.zero(FLOATS);
        FloatVector next3 = FloatVector.zero(FLOATS);
        int at = scaleAt + half * 2 * LANES;
        int to = from + (half + scaleColumns) * ROWS;
        for (int i = from + half * ROWS; i != to; i += 2 * ROWS, at += 4 * LANES) {
          FloatVector q = FloatVector.fromArray(FLOATS, panel, at);
          FloatVector next = FloatVector.fromArray(FLOATS, panel, at + LANES);
          FloatVector y = FloatVector.broadcast(FLOATS, x[i]);
          q0 = q.fma(y, q0);
          next0 = next.fma(y, next0);
          y = FloatVector.broadcast(FLOATS, x[i + 1]);
          q1 = q.fma(y, q1);
          next1 = next.fma(y, next1);
          y = FloatVector.broadcast(FLOATS, x[i + 2]);
          q2 = q.fma(y, q2);
          next2 = next.fma(y, next2);
          y = FloatVector.broadcast(FLOATS, x[i + 3]);
          q3 = q.fma(y, q3);
          next3 = next.fma(y, next3);
        }
        q0.intoArray(sums, sumsAt);
        next0.intoArray(sums, sumsAt + LANES);
        q1.intoArray(sums, sumsAt + 2 * LANES);
        next1.intoArray(sums, sumsAt + 3 * LANES);
        q2.intoArray(sums, sumsAt + 4 * LANES);
        next2.intoArray(sums, sumsAt + 5 * LANES);
        q3.intoArray(sums, sumsAt + 6 * LANES);
        next3.intoArray(sums, sumsAt + 7 * LANES);
        sumsAt += SUMS;
      }
      scaleAt += scaleColumns * 2 * LANES;
    }
  }

  /// Multiplies sums by their scales and adds them up, and the sums of x times the minima, to what
  /// is in `out`.
  ///
  /// @param scaleAt where the scales of the first vector begin in `d` and `m`
  /// @param scaleNext how far behind them those of the second one are
  /// @param xSums the sums of x, as {@link Rows#sums} has them
  /// @param perScale how many of them a scale has, 1 or 2
  static void totals(
      float[] sums,
      int sumsAt,
      int scales,
      float[] d,
      float[] m,
      int scaleAt,
      int scaleNext,
      float[] xSums,
      int xSumsAt,
      int xSumsStride,
      int perScale,
      float[] out,
      int outAt,
      int outStride) {
    int out1 = outAt + outStride;
    int out2 = outAt + 2 * outStride;
    int out3 = outAt + 3 * outStride;
    FloatVector total0 = FloatVector.fromArray(FLOATS, out, outAt);
    FloatVector next0 = FloatVector.fromArray(FLOATS, out, outAt + LANES);
    FloatVector total1 = FloatVector.fromArray(FLOATS, out, out1);
    FloatVector next1 = FloatVector.fromArray(FLOATS, out, out1 + LANES);
    FloatVector total2 = FloatVector.fromArray(FLOATS, out, out2);
    FloatVector next2 = FloatVector.fromArray(FLOATS, out, out2 + LANES);
    FloatVector total3 = FloatVector.fromArray(FLOATS, out, out3);
    FloatVector next3 = FloatVector.fromArray(FLOATS, out, out3 + LANES);
    int end = scaleAt + scales * LaneFormat.ROWS;
    for (; scaleAt != end; scaleAt += LaneFormat.ROWS) {
      FloatVector scale = FloatVector.fromArray(FLOATS, d, scaleAt);
      FloatVector nextScale = FloatVector.fromArray(FLOATS, d, scaleAt + scaleNext);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, scaleAt);
      FloatVector nextMinimum = FloatVector.fromArray(FLOATS, m, scaleAt + scaleNext);
      float xSum = xSums[xSumsAt];
      if (perScale > 1) {
        xSum += xSums[xSumsAt + 1];
      }
      FloatVector y = FloatVector.broadcast(FLOATS, xSum);
      total0 =
          y.fma(
              minimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS))
                  .fma(scale, total0));
      next0 =
          y.fma(
              nextMinimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + LANES))
                  .fma(nextScale, next0));
      xSum = xSums[xSumsAt + xSumsStride];
      if (perScale > 1) {
        xSum += xSums[xSumsAt + xSumsStride + 1];
      }
      y = FloatVector.broadcast(FLOATS, xSum);
      total1 =
          y.fma(
              minimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + 2 * LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + 2 * LANES))
                  .fma(scale, total1));
      next1 =
          y.fma(
              nextMinimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + 3 * LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + 3 * LANES))
                  .fma(nextScale, next1));
      xSum = xSums[xSumsAt + 2 * xSumsStride];
      if (perScale > 1) {
        xSum += xSums[xSumsAt + 2 * xSumsStride + 1];
      }
      y = FloatVector.broadcast(FLOATS, xSum);
      total2 =
          y.fma(
              minimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + 4 * LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + 4 * LANES))
                  .fma(scale, total2));
      next2 =
          y.fma(
              nextMinimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + 5 * LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + 5 * LANES))
                  .fma(nextScale, next2));
      xSum = xSums[xSumsAt + 3 * xSumsStride];
      if (perScale > 1) {
        xSum += xSums[xSumsAt + 3 * xSumsStride + 1];
      }
      y = FloatVector.broadcast(FLOATS, xSum);
      total3 =
          y.fma(
              minimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + 6 * LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + 6 * LANES))
                  .fma(scale, total3));
      next3 =
          y.fma(
              nextMinimum,
              FloatVector.fromArray(FLOATS, sums, sumsAt + 7 * LANES)
                  .add(FloatVector.fromArray(FLOATS, sums, sumsAt + SUMS + 7 * LANES))
                  .fma(nextScale, next3));
      sumsAt += 2 * SUMS;
      xSumsAt += perScale;
    }
    total0.intoArray(out, outAt);
    next0.intoArray(out, outAt + LANES);
    total1.intoArray(out, out1);
    next1.intoArray(out, out1 + LANES);
    total2.intoArray(out, out2);
    next2.intoArray(out, out2 + LANES);
    total3.intoArray(out, out3);
    next3.intoArray(out, out3 + LANES);
  }
}
