package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.WIDE_SHORTS;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Lanes of 4 bits times rounded x, in 16 bits: a word of a lane is two shorts with four columns
/// each, and sixteen products of at most 15 times 127 are less than 32,768. Written out for the
/// reason that {@link FusedProduct} gives.
final class VectorRounded4 {
  private static final short NIBBLE = 15;
  private static final int CELL_BYTES = 256;

  private VectorRounded4() {}

  /// One row of x with two vectors of lanes, whose cells begin at `start` and `start + next`.
  ///
  /// @param scaleNext how far behind the scales of the first vector those of the second one are
  /// @param outNext the same of their results
  static void two(
      MemorySegment lanes,
      long start,
      long next,
      int scales,
      float[] d,
      float[] m,
      int scaleAt,
      int scaleNext,
      int[] pairs,
      int pairsAt,
      float[] xScales,
      int xScalesAt,
      float[] sums,
      int sumsAt,
      float[] out,
      int outAt,
      int outNext) {
    FloatVector.zero(FLOATS).intoArray(out, outAt); // sums are kept there, since in a register that
    FloatVector.zero(FLOATS).intoArray(out, outAt + outNext); // lasts they were boxed at times
    for (int s = 0; s < scales; s++) {
      long cell = start + (long) s * CELL_BYTES;
      ShortVector a0 = ShortVector.zero(WIDE_SHORTS);
      ShortVector a1 = a0;
      ShortVector b0 = a0;
      ShortVector b1 = a0;
      for (int w = 0; w < 4; w++) {
        ShortVector a =
            ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, cell + 64L * w, nativeOrder());
        ShortVector b =
            ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, cell + next + 64L * w, nativeOrder());
        int x = pairsAt + s * 16 + 4 * w;
        ShortVector y = IntVector.broadcast(INTS, pairs[x]).reinterpretAsShorts();
        a0 = a.and(NIBBLE).mul(y).add(a0);
        b0 = b.and(NIBBLE).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[x + 1]).reinterpretAsShorts();
        a1 = a.lanewise(LSHR, 4).and(NIBBLE).mul(y).add(a1);
        b1 = b.lanewise(LSHR, 4).and(NIBBLE).mul(y).add(b1);
        y = IntVector.broadcast(INTS, pairs[x + 2]).reinterpretAsShorts();
        a0 = a.lanewise(LSHR, 8).and(NIBBLE).mul(y).add(a0);
        b0 = b.lanewise(LSHR, 8).and(NIBBLE).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[x + 3]).reinterpretAsShorts();
        a1 = a.lanewise(LSHR, 12).mul(y).add(a1);
        b1 = b.lanewise(LSHR, 12).mul(y).add(b1);
      }
      float sum = sums[sumsAt + 2 * s] + sums[sumsAt + 2 * s + 1];
      IntVector a = a0.add(a1).reinterpretAsInts();
      a = a.lanewise(LSHL, 16).lanewise(ASHR, 16).add(a.lanewise(ASHR, 16));
      IntVector b = b0.add(b1).reinterpretAsInts();
      b = b.lanewise(LSHL, 16).lanewise(ASHR, 16).add(b.lanewise(ASHR, 16));
      float xScale = xScales[xScalesAt + s];
      FloatVector total =
          ((FloatVector) a.convert(I2F, 0))
              .fma(
                  FloatVector.fromArray(FLOATS, d, scaleAt + s * 16).mul(xScale),
                  FloatVector.fromArray(FLOATS, out, outAt));
      FloatVector.fromArray(FLOATS, m, scaleAt + s * 16)
          .fma(FloatVector.broadcast(FLOATS, sum), total)
          .intoArray(out, outAt);
      total =
          ((FloatVector) b.convert(I2F, 0))
              .fma(
                  FloatVector.fromArray(FLOATS, d, scaleAt + scaleNext + s * 16).mul(xScale),
                  FloatVector.fromArray(FLOATS, out, outAt + outNext));
      FloatVector.fromArray(FLOATS, m, scaleAt + scaleNext + s * 16)
          .fma(FloatVector.broadcast(FLOATS, sum), total)
          .intoArray(out, outAt + outNext);
    }
  }
}
