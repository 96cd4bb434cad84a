package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/// Four rows of x times two groups of lanes, whose q are in a panel `[columns][32]`. Each sum has
/// the bits that {@link VectorLanes4#two} and its like give it, but of x below `2^-100`. Two
/// vectors share what is broadcast of x, and four rows what is unpacked. For vectors of sixteen
/// lanes and 32 registers. Written out for the reason that {@link FusedProduct} gives.
final class VectorLaneRows {
  private VectorLaneRows() {}

  /// Goes on with sums in `out`, which began as zeros.
  ///
  /// @param columns how many columns the panel has
  /// @param scaleColumns for how many columns a scale is, 16 or 32
  /// @param scaleAt where the scales of the first group begin in `d` and `m`
  /// @param groupScales how far behind them those of the second group are
  static void four(
      float[] panel,
      int columns,
      int scaleColumns,
      float[] d,
      float[] m,
      int scaleAt,
      int groupScales,
      float[] x,
      int xAt,
      int xStride,
      float[] sums,
      int sumsAt,
      int sumsStride,
      float[] out,
      int outAt,
      int outStride) {
    int x1 = xAt + xStride;
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int out1 = outAt + outStride;
    int out2 = outAt + 2 * outStride;
    int out3 = outAt + 3 * outStride;
    for (int from = 0; from < columns; from += scaleColumns) {
      float sum0 = sums[sumsAt];
      float sum1 = sums[sumsAt + sumsStride];
      float sum2 = sums[sumsAt + 2 * sumsStride];
      float sum3 = sums[sumsAt + 3 * sumsStride];
      if (scaleColumns > LaneFormat.SUM_COLUMNS) {
        sum0 += sums[sumsAt + 1];
        sum1 += sums[sumsAt + sumsStride + 1];
        sum2 += sums[sumsAt + 2 * sumsStride + 1];
        sum3 += sums[sumsAt + 3 * sumsStride + 1];
      }
      FloatVector lower0 = FloatVector.zero(FLOATS);
      FloatVector upper0 = FloatVector.zero(FLOATS);
      FloatVector nextLower0 = FloatVector.zero(FLOATS);
      FloatVector nextUpper0 = FloatVector.zero(FLOATS);
      FloatVector lower1 = FloatVector.zero(FLOATS);
      FloatVector upper1 = FloatVector.zero(FLOATS);
      FloatVector nextLower1 = FloatVector.zero(FLOATS);
      FloatVector nextUpper1 = FloatVector.zero(FLOATS);
      FloatVector lower2 = FloatVector.zero(FLOATS);
      FloatVector upper2 = FloatVector.zero(FLOATS);
      FloatVector nextLower2 = FloatVector.zero(FLOATS);
      FloatVector nextUpper2 = FloatVector.zero(FLOATS);
      FloatVector lower3 = FloatVector.zero(FLOATS);
      FloatVector upper3 = FloatVector.zero(FLOATS);
      FloatVector nextLower3 = FloatVector.zero(FLOATS);
      FloatVector nextUpper3 = FloatVector.zero(FLOATS);
      // columns 0 to 3, 8 to 11 and so on, each with the one that is four further
      for (int i = from; i != from + scaleColumns; i += i % 4 == 3 ? 5 : 1) {
        FloatVector q = FloatVector.fromArray(FLOATS, panel, i * 32);
        FloatVector next = FloatVector.fromArray(FLOATS, panel, i * 32 + LANES);
        FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
        lower0 = q.fma(y, lower0);
        nextLower0 = next.fma(y, nextLower0);
        y = FloatVector.broadcast(FLOATS, x[x1 + i]);
        lower1 = q.fma(y, lower1);
        nextLower1 = next.fma(y, nextLower1);
        y = FloatVector.broadcast(FLOATS, x[x2 + i]);
        lower2 = q.fma(y, lower2);
        nextLower2 = next.fma(y, nextLower2);
        y = FloatVector.broadcast(FLOATS, x[x3 + i]);
        lower3 = q.fma(y, lower3);
        nextLower3 = next.fma(y, nextLower3);
        q = FloatVector.fromArray(FLOATS, panel, i * 32 + 128);
        next = FloatVector.fromArray(FLOATS, panel, i * 32 + 128 + LANES);
        y = FloatVector.broadcast(FLOATS, x[xAt + i + 4]);
        upper0 = q.fma(y, upper0);
        nextUpper0 = next.fma(y, nextUpper0);
        y = FloatVector.broadcast(FLOATS, x[x1 + i + 4]);
        upper1 = q.fma(y, upper1);
        nextUpper1 = next.fma(y, nextUpper1);
        y = FloatVector.broadcast(FLOATS, x[x2 + i + 4]);
        upper2 = q.fma(y, upper2);
        nextUpper2 = next.fma(y, nextUpper2);
        y = FloatVector.broadcast(FLOATS, x[x3 + i + 4]);
        upper3 = q.fma(y, upper3);
        nextUpper3 = next.fma(y, nextUpper3);
      }
      FloatVector scale = FloatVector.fromArray(FLOATS, d, scaleAt);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, scaleAt);
      FloatVector total = lower0.add(upper0).fma(scale, FloatVector.fromArray(FLOATS, out, outAt));
      FloatVector.broadcast(FLOATS, sum0).fma(minimum, total).intoArray(out, outAt);
      total = lower1.add(upper1).fma(scale, FloatVector.fromArray(FLOATS, out, out1));
      FloatVector.broadcast(FLOATS, sum1).fma(minimum, total).intoArray(out, out1);
      total = lower2.add(upper2).fma(scale, FloatVector.fromArray(FLOATS, out, out2));
      FloatVector.broadcast(FLOATS, sum2).fma(minimum, total).intoArray(out, out2);
      total = lower3.add(upper3).fma(scale, FloatVector.fromArray(FLOATS, out, out3));
      FloatVector.broadcast(FLOATS, sum3).fma(minimum, total).intoArray(out, out3);
      scale = FloatVector.fromArray(FLOATS, d, scaleAt + groupScales);
      minimum = FloatVector.fromArray(FLOATS, m, scaleAt + groupScales);
      total =
          nextLower0.add(nextUpper0).fma(scale, FloatVector.fromArray(FLOATS, out, outAt + LANES));
      FloatVector.broadcast(FLOATS, sum0).fma(minimum, total).intoArray(out, outAt + LANES);
      total =
          nextLower1.add(nextUpper1).fma(scale, FloatVector.fromArray(FLOATS, out, out1 + LANES));
      FloatVector.broadcast(FLOATS, sum1).fma(minimum, total).intoArray(out, out1 + LANES);
      total =
          nextLower2.add(nextUpper2).fma(scale, FloatVector.fromArray(FLOATS, out, out2 + LANES));
      FloatVector.broadcast(FLOATS, sum2).fma(minimum, total).intoArray(out, out2 + LANES);
      total =
          nextLower3.add(nextUpper3).fma(scale, FloatVector.fromArray(FLOATS, out, out3 + LANES));
      FloatVector.broadcast(FLOATS, sum3).fma(minimum, total).intoArray(out, out3 + LANES);
      sumsAt += scaleColumns / LaneFormat.SUM_COLUMNS;
      scaleAt += LaneFormat.ROWS;
    }
  }
}
