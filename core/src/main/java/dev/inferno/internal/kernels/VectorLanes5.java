package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Lanes of 5 bits, nibbles and a fifth bit. A q is set into the top of the mantissa of 32, which
/// makes it the number 32 + q at the cost of a shift and two bit operations; what is too much is
/// taken away once per scale, as 32 times the sum of x. Written out for the reason that {@link
/// FusedProduct} gives.
final class VectorLanes5 {
  private static final int BASE = 0x42000000; // 32 as a float
  private static final int LOW = 0x3C0000;
  private static final int HIGH = 0x400000;
  private static final int CELL_BYTES = 320;

  private VectorLanes5() {}

  /// One row of x with as many lanes as a vector has, whose cells begin at `start`.
  static void one(
      MemorySegment lanes,
      long start,
      int scales,
      float[] d,
      float[] m,
      int scaleAt,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      float[] out,
      int outAt) {
    FloatVector total = FloatVector.zero(FLOATS);
    for (int s = 0; s < scales; s++) {
      long cell = start + (long) s * CELL_BYTES;
      IntVector high = IntVector.fromMemorySegment(INTS, lanes, cell + 256, nativeOrder());
      float sum = sums[sumsAt + 2 * s] + sums[sumsAt + 2 * s + 1];
      FloatVector a0 = FloatVector.broadcast(FLOATS, -32 * sum);
      FloatVector a1 = FloatVector.zero(FLOATS);
      for (int w = 0; w < 4; w++) {
        IntVector low = IntVector.fromMemorySegment(INTS, lanes, cell + 64L * w, nativeOrder());
        int at = xAt + s * 32 + 8 * w;
        a0 =
            low.lanewise(LSHL, 18)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 22).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 0]), a0);
        a1 =
            low.lanewise(LSHL, 14)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 21).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 1]), a1);
        a0 =
            low.lanewise(LSHL, 10)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 20).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 2]), a0);
        a1 =
            low.lanewise(LSHL, 6)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 19).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 3]), a1);
        a0 =
            low.lanewise(LSHL, 2)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 18).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 4]), a0);
        a1 =
            low.lanewise(LSHR, 2)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 17).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 5]), a1);
        a0 =
            low.lanewise(LSHR, 6)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 16).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 6]), a0);
        a1 =
            low.lanewise(LSHR, 10)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 15).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 7]), a1);
        high = high.lanewise(LSHR, 8);
      }
      FloatVector scale = FloatVector.fromArray(FLOATS, d, scaleAt + s * 16);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, scaleAt + s * 16);
      total = a0.add(a1).fma(scale, total);
      total = FloatVector.broadcast(FLOATS, sum).fma(minimum, total);
    }
    total.intoArray(out, outAt);
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
      IntVector high = IntVector.fromMemorySegment(INTS, lanes, cell + 256, nativeOrder());
      FloatVector scale = FloatVector.fromArray(FLOATS, d, (scaleAt + s) * 16 + first);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, (scaleAt + s) * 16 + first);
      for (int w = 0; w < 4; w++) {
        IntVector low = IntVector.fromMemorySegment(INTS, lanes, cell + 64L * w, nativeOrder());
        int at = panelAt + first + (s * 32 + 8 * w) * panelWidth;
        low.lanewise(LSHL, 18)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 22).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at);
        low.lanewise(LSHL, 14)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 21).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + panelWidth);
        low.lanewise(LSHL, 10)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 20).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + 2 * panelWidth);
        low.lanewise(LSHL, 6)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 19).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + 3 * panelWidth);
        low.lanewise(LSHL, 2)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 18).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + 4 * panelWidth);
        low.lanewise(LSHR, 2)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 17).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + 5 * panelWidth);
        low.lanewise(LSHR, 6)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 16).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + 6 * panelWidth);
        low.lanewise(LSHR, 10)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 15).and(HIGH))
            .reinterpretAsFloats()
            .sub(32)
            .fma(scale, minimum)
            .intoArray(panel, at + 7 * panelWidth);
        high = high.lanewise(LSHR, 8);
      }
    }
  }
}
