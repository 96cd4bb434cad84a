package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Lanes of 4 bits, nibbles. A q is set into the top of the mantissa of 16, which makes it the
/// number 16 + q at the cost of a shift and two bit operations; what is too much is taken away once
/// per scale, as 16 times the sum of x. Written out for the reason that {@link FusedProduct} gives.
final class VectorLanes4 {
  private static final int BASE = 0x41800000; // 16 as a float
  private static final int LOW = 0x780000;
  private static final int CELL_BYTES = 256;

  private VectorLanes4() {}

  /// One row of x; lanes from `first` on, as many as a vector has.
  static void one(
      MemorySegment lanes,
      long cells,
      int scales,
      int first,
      float[] d,
      float[] m,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      float[] out,
      int outAt) {
    long start = cells + 4L * first;
    FloatVector total = FloatVector.zero(FLOATS);
    for (int s = 0; s < scales; s++) {
      long cell = start + (long) s * CELL_BYTES;
      float sum = sums[sumsAt + 2 * s] + sums[sumsAt + 2 * s + 1];
      FloatVector a0 = FloatVector.broadcast(FLOATS, -16 * sum);
      FloatVector a1 = FloatVector.zero(FLOATS);
      FloatVector a2 = FloatVector.zero(FLOATS);
      FloatVector a3 = FloatVector.zero(FLOATS);
      for (int w = 0; w < 4; w++) {
        IntVector low = IntVector.fromMemorySegment(INTS, lanes, cell + 64L * w, nativeOrder());
        int at = xAt + s * 32 + 8 * w;
        a0 =
            low.lanewise(LSHL, 19)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 0]), a0);
        a1 =
            low.lanewise(LSHL, 15)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 1]), a1);
        a2 =
            low.lanewise(LSHL, 11)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 2]), a2);
        a3 =
            low.lanewise(LSHL, 7)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 3]), a3);
        a0 =
            low.lanewise(LSHL, 3)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 4]), a0);
        a1 =
            low.lanewise(LSHR, 1)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 5]), a1);
        a2 =
            low.lanewise(LSHR, 5)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 6]), a2);
        a3 =
            low.lanewise(LSHR, 9)
                .and(LOW)
                .or(BASE)
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 7]), a3);
      }
      FloatVector scale = FloatVector.fromArray(FLOATS, d, s * 16 + first);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, s * 16 + first);
      total = a0.add(a1).add(a2.add(a3)).fma(scale, total);
      total = FloatVector.broadcast(FLOATS, sum).fma(minimum, total);
    }
    total.intoArray(out, outAt);
  }

  /// Four rows of x, each with the bits of {@link #one}.
  static void four(
      MemorySegment lanes,
      long cells,
      int scales,
      int first,
      float[] d,
      float[] m,
      float[] x,
      int xAt,
      int xStride,
      float[] sums,
      int sumsAt,
      int sumsStride,
      float[] out,
      int outAt,
      int outStride) {
    long start = cells + 4L * first;
    int x1 = xAt + xStride;
    int x2 = xAt + 2 * xStride;
    int x3 = xAt + 3 * xStride;
    int sumsAt1 = sumsAt + sumsStride;
    int sumsAt2 = sumsAt + 2 * sumsStride;
    int sumsAt3 = sumsAt + 3 * sumsStride;
    FloatVector total = FloatVector.zero(FLOATS);
    FloatVector total1 = FloatVector.zero(FLOATS);
    FloatVector total2 = FloatVector.zero(FLOATS);
    FloatVector total3 = FloatVector.zero(FLOATS);
    for (int s = 0; s < scales; s++) {
      long cell = start + (long) s * CELL_BYTES;
      float sum = sums[sumsAt + 2 * s] + sums[sumsAt + 2 * s + 1];
      FloatVector a0 = FloatVector.broadcast(FLOATS, -16 * sum);
      FloatVector a1 = FloatVector.zero(FLOATS);
      FloatVector a2 = FloatVector.zero(FLOATS);
      FloatVector a3 = FloatVector.zero(FLOATS);
      float sum1 = sums[sumsAt1 + 2 * s] + sums[sumsAt1 + 2 * s + 1];
      FloatVector b0 = FloatVector.broadcast(FLOATS, -16 * sum1);
      FloatVector b1 = FloatVector.zero(FLOATS);
      FloatVector b2 = FloatVector.zero(FLOATS);
      FloatVector b3 = FloatVector.zero(FLOATS);
      float sum2 = sums[sumsAt2 + 2 * s] + sums[sumsAt2 + 2 * s + 1];
      FloatVector c0 = FloatVector.broadcast(FLOATS, -16 * sum2);
      FloatVector c1 = FloatVector.zero(FLOATS);
      FloatVector c2 = FloatVector.zero(FLOATS);
      FloatVector c3 = FloatVector.zero(FLOATS);
      float sum3 = sums[sumsAt3 + 2 * s] + sums[sumsAt3 + 2 * s + 1];
      FloatVector e0 = FloatVector.broadcast(FLOATS, -16 * sum3);
      FloatVector e1 = FloatVector.zero(FLOATS);
      FloatVector e2 = FloatVector.zero(FLOATS);
      FloatVector e3 = FloatVector.zero(FLOATS);
      for (int w = 0; w < 4; w++) {
        IntVector low = IntVector.fromMemorySegment(INTS, lanes, cell + 64L * w, nativeOrder());
        int at = xAt + s * 32 + 8 * w;
        int at1 = x1 + s * 32 + 8 * w;
        int at2 = x2 + s * 32 + 8 * w;
        int at3 = x3 + s * 32 + 8 * w;
        FloatVector q;
        q = low.lanewise(LSHL, 19).and(LOW).or(BASE).reinterpretAsFloats();
        a0 = q.fma(FloatVector.broadcast(FLOATS, x[at + 0]), a0);
        b0 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 0]), b0);
        c0 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 0]), c0);
        e0 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 0]), e0);
        q = low.lanewise(LSHL, 15).and(LOW).or(BASE).reinterpretAsFloats();
        a1 = q.fma(FloatVector.broadcast(FLOATS, x[at + 1]), a1);
        b1 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 1]), b1);
        c1 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 1]), c1);
        e1 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 1]), e1);
        q = low.lanewise(LSHL, 11).and(LOW).or(BASE).reinterpretAsFloats();
        a2 = q.fma(FloatVector.broadcast(FLOATS, x[at + 2]), a2);
        b2 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 2]), b2);
        c2 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 2]), c2);
        e2 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 2]), e2);
        q = low.lanewise(LSHL, 7).and(LOW).or(BASE).reinterpretAsFloats();
        a3 = q.fma(FloatVector.broadcast(FLOATS, x[at + 3]), a3);
        b3 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 3]), b3);
        c3 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 3]), c3);
        e3 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 3]), e3);
        q = low.lanewise(LSHL, 3).and(LOW).or(BASE).reinterpretAsFloats();
        a0 = q.fma(FloatVector.broadcast(FLOATS, x[at + 4]), a0);
        b0 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 4]), b0);
        c0 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 4]), c0);
        e0 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 4]), e0);
        q = low.lanewise(LSHR, 1).and(LOW).or(BASE).reinterpretAsFloats();
        a1 = q.fma(FloatVector.broadcast(FLOATS, x[at + 5]), a1);
        b1 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 5]), b1);
        c1 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 5]), c1);
        e1 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 5]), e1);
        q = low.lanewise(LSHR, 5).and(LOW).or(BASE).reinterpretAsFloats();
        a2 = q.fma(FloatVector.broadcast(FLOATS, x[at + 6]), a2);
        b2 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 6]), b2);
        c2 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 6]), c2);
        e2 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 6]), e2);
        q = low.lanewise(LSHR, 9).and(LOW).or(BASE).reinterpretAsFloats();
        a3 = q.fma(FloatVector.broadcast(FLOATS, x[at + 7]), a3);
        b3 = q.fma(FloatVector.broadcast(FLOATS, x[at1 + 7]), b3);
        c3 = q.fma(FloatVector.broadcast(FLOATS, x[at2 + 7]), c3);
        e3 = q.fma(FloatVector.broadcast(FLOATS, x[at3 + 7]), e3);
      }
      FloatVector scale = FloatVector.fromArray(FLOATS, d, s * 16 + first);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, s * 16 + first);
      total = a0.add(a1).add(a2.add(a3)).fma(scale, total);
      total = FloatVector.broadcast(FLOATS, sum).fma(minimum, total);
      total1 = b0.add(b1).add(b2.add(b3)).fma(scale, total1);
      total1 = FloatVector.broadcast(FLOATS, sum1).fma(minimum, total1);
      total2 = c0.add(c1).add(c2.add(c3)).fma(scale, total2);
      total2 = FloatVector.broadcast(FLOATS, sum2).fma(minimum, total2);
      total3 = e0.add(e1).add(e2.add(e3)).fma(scale, total3);
      total3 = FloatVector.broadcast(FLOATS, sum3).fma(minimum, total3);
    }
    total.intoArray(out, outAt);
    total1.intoArray(out, outAt + outStride);
    total2.intoArray(out, outAt + 2 * outStride);
    total3.intoArray(out, outAt + 3 * outStride);
  }

  /// See {@link LaneKernels#panel}; lanes from `first` on, as many as a vector has.
  static void panel(
      MemorySegment lanes,
      long cells,
      int scales,
      int first,
      float[] d,
      float[] m,
      int scaleAt,
      float[] panel,
      int panelAt,
      int panelWidth) {
    long start = cells + 4L * first;
    for (int s = 0; s < scales; s++) {
      long cell = start + (long) s * CELL_BYTES;
      FloatVector scale = FloatVector.fromArray(FLOATS, d, (scaleAt + s) * 16 + first);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, (scaleAt + s) * 16 + first);
      for (int w = 0; w < 4; w++) {
        IntVector low = IntVector.fromMemorySegment(INTS, lanes, cell + 64L * w, nativeOrder());
        int at = panelAt + first + (s * 32 + 8 * w) * panelWidth;
        low.lanewise(LSHL, 19)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at);
        low.lanewise(LSHL, 15)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + panelWidth);
        low.lanewise(LSHL, 11)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + 2 * panelWidth);
        low.lanewise(LSHL, 7)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + 3 * panelWidth);
        low.lanewise(LSHL, 3)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + 4 * panelWidth);
        low.lanewise(LSHR, 1)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + 5 * panelWidth);
        low.lanewise(LSHR, 5)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + 6 * panelWidth);
        low.lanewise(LSHR, 9)
            .and(LOW)
            .or(BASE)
            .reinterpretAsFloats()
            .sub(16)
            .fma(scale, minimum)
            .intoArray(panel, at + 7 * panelWidth);
      }
    }
  }
}
