package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/// Four rows of x times two groups of lanes, whose numbers are in a panel `[columns][32]` as {@link
/// VectorLanes4#one} and its like have them in a register: base + q. Each sum has the bits that it
/// has there. Two vectors share what is broadcast of x, and four rows what is unpacked. For vectors
/// of sixteen lanes and 32 registers. Written out for the reason that {@link FusedProduct} gives.
final class VectorLaneRows {
  private VectorLaneRows() {}

  /// Goes on with sums in `out`, which began as zeros.
  ///
  /// @param base what is too much in the numbers of the panel
  /// @param columns how many columns the panel has
  /// @param scaleColumns for how many columns a scale is, 16 or 32
  /// @param scaleAt where the scales of the first group begin in `d` and `m`
  /// @param groupScales how far behind them those of the second group are
  static void four(
      float[] panel,
      float base,
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
      FloatVector even0 = FloatVector.broadcast(FLOATS, -base * sum0);
      FloatVector odd0 = FloatVector.zero(FLOATS);
      FloatVector nextEven0 = even0;
      FloatVector nextOdd0 = FloatVector.zero(FLOATS);
      FloatVector even1 = FloatVector.broadcast(FLOATS, -base * sum1);
      FloatVector odd1 = FloatVector.zero(FLOATS);
      FloatVector nextEven1 = even1;
      FloatVector nextOdd1 = FloatVector.zero(FLOATS);
      FloatVector even2 = FloatVector.broadcast(FLOATS, -base * sum2);
      FloatVector odd2 = FloatVector.zero(FLOATS);
      FloatVector nextEven2 = even2;
      FloatVector nextOdd2 = FloatVector.zero(FLOATS);
      FloatVector even3 = FloatVector.broadcast(FLOATS, -base * sum3);
      FloatVector odd3 = FloatVector.zero(FLOATS);
      FloatVector nextEven3 = even3;
      FloatVector nextOdd3 = FloatVector.zero(FLOATS);
      for (int i = from; i < from + scaleColumns; i += 2) {
        FloatVector q = FloatVector.fromArray(FLOATS, panel, i * 32);
        FloatVector next = FloatVector.fromArray(FLOATS, panel, i * 32 + LANES);
        FloatVector y = FloatVector.broadcast(FLOATS, x[xAt + i]);
        even0 = q.fma(y, even0);
        nextEven0 = next.fma(y, nextEven0);
        y = FloatVector.broadcast(FLOATS, x[x1 + i]);
        even1 = q.fma(y, even1);
        nextEven1 = next.fma(y, nextEven1);
        y = FloatVector.broadcast(FLOATS, x[x2 + i]);
        even2 = q.fma(y, even2);
        nextEven2 = next.fma(y, nextEven2);
        y = FloatVector.broadcast(FLOATS, x[x3 + i]);
        even3 = q.fma(y, even3);
        nextEven3 = next.fma(y, nextEven3);
        q = FloatVector.fromArray(FLOATS, panel, i * 32 + 32);
        next = FloatVector.fromArray(FLOATS, panel, i * 32 + 32 + LANES);
        y = FloatVector.broadcast(FLOATS, x[xAt + i + 1]);
        odd0 = q.fma(y, odd0);
        nextOdd0 = next.fma(y, nextOdd0);
        y = FloatVector.broadcast(FLOATS, x[x1 + i + 1]);
        odd1 = q.fma(y, odd1);
        nextOdd1 = next.fma(y, nextOdd1);
        y = FloatVector.broadcast(FLOATS, x[x2 + i + 1]);
        odd2 = q.fma(y, odd2);
        nextOdd2 = next.fma(y, nextOdd2);
        y = FloatVector.broadcast(FLOATS, x[x3 + i + 1]);
        odd3 = q.fma(y, odd3);
        nextOdd3 = next.fma(y, nextOdd3);
      }
      FloatVector scale = FloatVector.fromArray(FLOATS, d, scaleAt);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, scaleAt);
      FloatVector total = even0.add(odd0).fma(scale, FloatVector.fromArray(FLOATS, out, outAt));
      FloatVector.broadcast(FLOATS, sum0).fma(minimum, total).intoArray(out, outAt);
      total = even1.add(odd1).fma(scale, FloatVector.fromArray(FLOATS, out, out1));
      FloatVector.broadcast(FLOATS, sum1).fma(minimum, total).intoArray(out, out1);
      total = even2.add(odd2).fma(scale, FloatVector.fromArray(FLOATS, out, out2));
      FloatVector.broadcast(FLOATS, sum2).fma(minimum, total).intoArray(out, out2);
      total = even3.add(odd3).fma(scale, FloatVector.fromArray(FLOATS, out, out3));
      FloatVector.broadcast(FLOATS, sum3).fma(minimum, total).intoArray(out, out3);
      scale = FloatVector.fromArray(FLOATS, d, scaleAt + groupScales);
      minimum = FloatVector.fromArray(FLOATS, m, scaleAt + groupScales);
      total = nextEven0.add(nextOdd0).fma(scale, FloatVector.fromArray(FLOATS, out, outAt + LANES));
      FloatVector.broadcast(FLOATS, sum0).fma(minimum, total).intoArray(out, outAt + LANES);
      total = nextEven1.add(nextOdd1).fma(scale, FloatVector.fromArray(FLOATS, out, out1 + LANES));
      FloatVector.broadcast(FLOATS, sum1).fma(minimum, total).intoArray(out, out1 + LANES);
      total = nextEven2.add(nextOdd2).fma(scale, FloatVector.fromArray(FLOATS, out, out2 + LANES));
      FloatVector.broadcast(FLOATS, sum2).fma(minimum, total).intoArray(out, out2 + LANES);
      total = nextEven3.add(nextOdd3).fma(scale, FloatVector.fromArray(FLOATS, out, out3 + LANES));
      FloatVector.broadcast(FLOATS, sum3).fma(minimum, total).intoArray(out, out3 + LANES);
      sumsAt += scaleColumns / LaneFormat.SUM_COLUMNS;
      scaleAt += LaneFormat.ROWS;
    }
  }
}
