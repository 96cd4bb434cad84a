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

/// Lanes of 6 bits times rounded x, in 16 bits: a word of a lane is two shorts with four columns
/// each, and four products of at most 63 times 127 are less than 32,768. Written out for the reason
/// that {@link FusedProduct} gives.
final class VectorRounded6 {
  private static final short NIBBLE = 15;
  private static final short UPPER = 48;
  private static final int LOWER_HALF = 0xFFFF;
  private static final int UPPER_HALF = 0xFFFF0000;
  private static final int CELL_BYTES = 384;

  private VectorRounded6() {}

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
      long cell = start + (long) (s >> 1) * CELL_BYTES;
      long high = cell + 256 + (s & 1) * 64L;
      long low = cell + (s & 1) * 128L;
      IntVector aHigh = IntVector.fromMemorySegment(INTS, lanes, high, nativeOrder());
      IntVector bHigh = IntVector.fromMemorySegment(INTS, lanes, high + next, nativeOrder());
      ShortVector a0 = ShortVector.zero(WIDE_SHORTS);
      ShortVector a1 = a0;
      ShortVector b0 = a0;
      ShortVector b1 = a0;
      for (int w = 0; w < 2; w++) {
        ShortVector aLow =
            ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, low + 64L * w, nativeOrder());
        ShortVector bLow =
            ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, low + next + 64L * w, nativeOrder());
        // the upper bits of columns 0 to 3 in the lower half, of 4 to 7 in the upper one
        ShortVector aUpper =
            aHigh.and(LOWER_HALF).or(aHigh.lanewise(LSHL, 8).and(UPPER_HALF)).reinterpretAsShorts();
        ShortVector bUpper =
            bHigh.and(LOWER_HALF).or(bHigh.lanewise(LSHL, 8).and(UPPER_HALF)).reinterpretAsShorts();
        aHigh = aHigh.lanewise(LSHR, 16);
        bHigh = bHigh.lanewise(LSHR, 16);
        int x = pairsAt + s * 8 + 4 * w;
        ShortVector y = IntVector.broadcast(INTS, pairs[x]).reinterpretAsShorts();
        a0 = aLow.and(NIBBLE).or(aUpper.lanewise(LSHL, 4).and(UPPER)).mul(y).add(a0);
        b0 = bLow.and(NIBBLE).or(bUpper.lanewise(LSHL, 4).and(UPPER)).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[x + 1]).reinterpretAsShorts();
        a1 =
            aLow.lanewise(LSHR, 4)
                .and(NIBBLE)
                .or(aUpper.lanewise(LSHL, 2).and(UPPER))
                .mul(y)
                .add(a1);
        b1 =
            bLow.lanewise(LSHR, 4)
                .and(NIBBLE)
                .or(bUpper.lanewise(LSHL, 2).and(UPPER))
                .mul(y)
                .add(b1);
        y = IntVector.broadcast(INTS, pairs[x + 2]).reinterpretAsShorts();
        a0 = aLow.lanewise(LSHR, 8).and(NIBBLE).or(aUpper.and(UPPER)).mul(y).add(a0);
        b0 = bLow.lanewise(LSHR, 8).and(NIBBLE).or(bUpper.and(UPPER)).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[x + 3]).reinterpretAsShorts();
        a1 = aLow.lanewise(LSHR, 12).or(aUpper.lanewise(LSHR, 2).and(UPPER)).mul(y).add(a1);
        b1 = bLow.lanewise(LSHR, 12).or(bUpper.lanewise(LSHR, 2).and(UPPER)).mul(y).add(b1);
      }
      IntVector one = a0.reinterpretAsInts();
      IntVector other = a1.reinterpretAsInts();
      IntVector a =
          one.lanewise(LSHL, 16)
              .lanewise(ASHR, 16)
              .add(one.lanewise(ASHR, 16))
              .add(other.lanewise(LSHL, 16).lanewise(ASHR, 16).add(other.lanewise(ASHR, 16)));
      one = b0.reinterpretAsInts();
      other = b1.reinterpretAsInts();
      IntVector b =
          one.lanewise(LSHL, 16)
              .lanewise(ASHR, 16)
              .add(one.lanewise(ASHR, 16))
              .add(other.lanewise(LSHL, 16).lanewise(ASHR, 16).add(other.lanewise(ASHR, 16)));
      float sum = sums[sumsAt + s];
      float xScale = xScales[xScalesAt + s / 2];
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
