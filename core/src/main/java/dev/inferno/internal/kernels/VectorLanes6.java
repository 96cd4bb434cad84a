package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Lanes of 6 bits, nibbles and two bits above. A q is set into the top of the mantissa of 64,
/// which makes it the number 64 + q at the cost of a shift and two bit operations; what is too much
/// is taken away once per scale, as 64 times the sum of x. Written out for the reason that {@link
/// FusedProduct} gives.
final class VectorLanes6 {
  private static final int BASE = 0x42800000; // 64 as a float
  private static final int LOW = 0x1E0000;
  private static final int HIGH = 0x600000;
  private static final int CELL_BYTES = 384;

  private VectorLanes6() {}

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
      long cell = start + (long) (s >> 1) * CELL_BYTES;
      IntVector high =
          IntVector.fromMemorySegment(INTS, lanes, cell + 256 + (s & 1) * 64L, nativeOrder());
      float sum = sums[sumsAt + s];
      FloatVector a0 = FloatVector.broadcast(FLOATS, -64 * sum);
      FloatVector a1 = FloatVector.zero(FLOATS);
      for (int w = 0; w < 2; w++) {
        IntVector low =
            IntVector.fromMemorySegment(
                INTS, lanes, cell + (s & 1) * 128L + 64L * w, nativeOrder());
        int at = xAt + s * 16 + 8 * w;
        a0 =
            low.lanewise(LSHL, 17)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 21).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 0]), a0);
        a1 =
            low.lanewise(LSHL, 13)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 19).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 1]), a1);
        a0 =
            low.lanewise(LSHL, 9)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 17).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 2]), a0);
        a1 =
            low.lanewise(LSHL, 5)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 15).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 3]), a1);
        a0 =
            low.lanewise(LSHL, 1)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 13).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 4]), a0);
        a1 =
            low.lanewise(LSHR, 3)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 11).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 5]), a1);
        a0 =
            low.lanewise(LSHR, 7)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 9).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 6]), a0);
        a1 =
            low.lanewise(LSHR, 11)
                .and(LOW)
                .or(BASE)
                .or(high.lanewise(LSHL, 7).and(HIGH))
                .reinterpretAsFloats()
                .fma(FloatVector.broadcast(FLOATS, x[at + 7]), a1);
        high = high.lanewise(LSHR, 16);
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
      long cell = start + (long) (s >> 1) * CELL_BYTES;
      IntVector high =
          IntVector.fromMemorySegment(INTS, lanes, cell + 256 + (s & 1) * 64L, nativeOrder());
      FloatVector scale = FloatVector.fromArray(FLOATS, d, (scaleAt + s) * 16 + first);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, (scaleAt + s) * 16 + first);
      for (int w = 0; w < 2; w++) {
        IntVector low =
            IntVector.fromMemorySegment(
                INTS, lanes, cell + (s & 1) * 128L + 64L * w, nativeOrder());
        int at = panelAt + first + (s * 16 + 8 * w) * panelWidth;
        low.lanewise(LSHL, 17)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 21).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at);
        low.lanewise(LSHL, 13)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 19).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + panelWidth);
        low.lanewise(LSHL, 9)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 17).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + 2 * panelWidth);
        low.lanewise(LSHL, 5)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 15).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + 3 * panelWidth);
        low.lanewise(LSHL, 1)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 13).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + 4 * panelWidth);
        low.lanewise(LSHR, 3)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 11).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + 5 * panelWidth);
        low.lanewise(LSHR, 7)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 9).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + 6 * panelWidth);
        low.lanewise(LSHR, 11)
            .and(LOW)
            .or(BASE)
            .or(high.lanewise(LSHL, 7).and(HIGH))
            .reinterpretAsFloats()
            .sub(64)
            .fma(scale, minimum)
            .intoArray(panel, at + 7 * panelWidth);
        high = high.lanewise(LSHR, 16);
      }
    }
  }
}
