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

/// Lanes of 5 bits times rounded x, in 16 bits: a word of a lane is two shorts with four columns
/// each, and eight products of at most 31 times 127 are less than 32,768. Written out for the
/// reason that {@link FusedProduct} gives.
final class VectorRounded5 {
  private static final short NIBBLE = 15;
  private static final short FIFTH = 16;
  private static final int LOWER_HALF = 0xFFFF;
  private static final int UPPER_HALF = 0xFFFF0000;
  private static final int CELL_BYTES = 320;

  private VectorRounded5() {}

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
      IntVector aHigh = IntVector.fromMemorySegment(INTS, lanes, cell + 256, nativeOrder());
      IntVector bHigh = IntVector.fromMemorySegment(INTS, lanes, cell + next + 256, nativeOrder());
      IntVector a = IntVector.zero(INTS);
      IntVector b = IntVector.zero(INTS);
      for (int half = 0; half < 2; half++) {
        ShortVector a0 = ShortVector.zero(WIDE_SHORTS);
        ShortVector a1 = a0;
        ShortVector b0 = a0;
        ShortVector b1 = a0;
        for (int w = 2 * half; w < 2 * half + 2; w++) {
          ShortVector aLow =
              ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, cell + 64L * w, nativeOrder());
          ShortVector bLow =
              ShortVector.fromMemorySegment(
                  WIDE_SHORTS, lanes, cell + next + 64L * w, nativeOrder());
          // the fifth bits of columns 0 to 3 in the lower half, of 4 to 7 in the upper one
          ShortVector aFifth =
              aHigh
                  .and(LOWER_HALF)
                  .or(aHigh.lanewise(LSHL, 12).and(UPPER_HALF))
                  .reinterpretAsShorts();
          ShortVector bFifth =
              bHigh
                  .and(LOWER_HALF)
                  .or(bHigh.lanewise(LSHL, 12).and(UPPER_HALF))
                  .reinterpretAsShorts();
          aHigh = aHigh.lanewise(LSHR, 8);
          bHigh = bHigh.lanewise(LSHR, 8);
          int x = pairsAt + s * 16 + 4 * w;
          ShortVector y = IntVector.broadcast(INTS, pairs[x]).reinterpretAsShorts();
          a0 = aLow.and(NIBBLE).or(aFifth.lanewise(LSHL, 4).and(FIFTH)).mul(y).add(a0);
          b0 = bLow.and(NIBBLE).or(bFifth.lanewise(LSHL, 4).and(FIFTH)).mul(y).add(b0);
          y = IntVector.broadcast(INTS, pairs[x + 1]).reinterpretAsShorts();
          a1 =
              aLow.lanewise(LSHR, 4)
                  .and(NIBBLE)
                  .or(aFifth.lanewise(LSHL, 3).and(FIFTH))
                  .mul(y)
                  .add(a1);
          b1 =
              bLow.lanewise(LSHR, 4)
                  .and(NIBBLE)
                  .or(bFifth.lanewise(LSHL, 3).and(FIFTH))
                  .mul(y)
                  .add(b1);
          y = IntVector.broadcast(INTS, pairs[x + 2]).reinterpretAsShorts();
          a0 =
              aLow.lanewise(LSHR, 8)
                  .and(NIBBLE)
                  .or(aFifth.lanewise(LSHL, 2).and(FIFTH))
                  .mul(y)
                  .add(a0);
          b0 =
              bLow.lanewise(LSHR, 8)
                  .and(NIBBLE)
                  .or(bFifth.lanewise(LSHL, 2).and(FIFTH))
                  .mul(y)
                  .add(b0);
          y = IntVector.broadcast(INTS, pairs[x + 3]).reinterpretAsShorts();
          a1 = aLow.lanewise(LSHR, 12).or(aFifth.lanewise(LSHL, 1).and(FIFTH)).mul(y).add(a1);
          b1 = bLow.lanewise(LSHR, 12).or(bFifth.lanewise(LSHL, 1).and(FIFTH)).mul(y).add(b1);
        }
        IntVector both = a0.add(a1).reinterpretAsInts();
        a = both.lanewise(LSHL, 16).lanewise(ASHR, 16).add(both.lanewise(ASHR, 16)).add(a);
        both = b0.add(b1).reinterpretAsInts();
        b = both.lanewise(LSHL, 16).lanewise(ASHR, 16).add(both.lanewise(ASHR, 16)).add(b);
      }
      float sum = sums[sumsAt + 2 * s] + sums[sumsAt + 2 * s + 1];
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
