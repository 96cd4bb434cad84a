package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
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
/// each, and sixteen products of at most 15 times 127 are less than 32,768. How loops are written
/// {@link VectorLanes} tells.
final class VectorRounded4 {
  private static final short NIBBLE = 15;
  private static final int CELL_BYTES = 256;

  private VectorRounded4() {}

  /// One row of x with two vectors of lanes, whose cells begin at `start` and `start + next`.
  ///
  /// @param scaleNext how far behind the scales of the first vector those of the second one are
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
      int outAt) {
    FloatVector.zero(FLOATS).intoArray(out, outAt); // sums are kept there, since in a register that
    FloatVector.zero(FLOATS).intoArray(out, outAt + LANES); // lasts they were boxed at times
    long end = start + (long) scales * CELL_BYTES;
    for (long cell = start; cell != end; cell += CELL_BYTES) {
      ShortVector a0 = ShortVector.zero(WIDE_SHORTS);
      ShortVector a1 = ShortVector.zero(WIDE_SHORTS);
      ShortVector b0 = ShortVector.zero(WIDE_SHORTS);
      ShortVector b1 = ShortVector.zero(WIDE_SHORTS);
      for (long word = cell; word != cell + CELL_BYTES; word += 64, pairsAt += 4) {
        ShortVector aWord = ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, word, nativeOrder());
        ShortVector bWord =
            ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, word + next, nativeOrder());
        ShortVector y = IntVector.broadcast(INTS, pairs[pairsAt]).reinterpretAsShorts();
        a0 = aWord.and(NIBBLE).mul(y).add(a0);
        b0 = bWord.and(NIBBLE).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[pairsAt + 1]).reinterpretAsShorts();
        a1 = aWord.lanewise(LSHR, 4).and(NIBBLE).mul(y).add(a1);
        b1 = bWord.lanewise(LSHR, 4).and(NIBBLE).mul(y).add(b1);
        y = IntVector.broadcast(INTS, pairs[pairsAt + 2]).reinterpretAsShorts();
        a0 = aWord.lanewise(LSHR, 8).and(NIBBLE).mul(y).add(a0);
        b0 = bWord.lanewise(LSHR, 8).and(NIBBLE).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[pairsAt + 3]).reinterpretAsShorts();
        a1 = aWord.lanewise(LSHR, 12).mul(y).add(a1);
        b1 = bWord.lanewise(LSHR, 12).mul(y).add(b1);
      }
      IntVector a = a0.add(a1).reinterpretAsInts();
      a = a.lanewise(LSHL, 16).lanewise(ASHR, 16).add(a.lanewise(ASHR, 16));
      IntVector b = b0.add(b1).reinterpretAsInts();
      b = b.lanewise(LSHL, 16).lanewise(ASHR, 16).add(b.lanewise(ASHR, 16));
      float sum = sums[sumsAt] + sums[sumsAt + 1];
      sumsAt += 2;
      float xScale = xScales[xScalesAt++];
      FloatVector total =
          ((FloatVector) a.convert(I2F, 0))
              .fma(
                  FloatVector.fromArray(FLOATS, d, scaleAt).mul(xScale),
                  FloatVector.fromArray(FLOATS, out, outAt));
      FloatVector.fromArray(FLOATS, m, scaleAt)
          .fma(FloatVector.broadcast(FLOATS, sum), total)
          .intoArray(out, outAt);
      total =
          ((FloatVector) b.convert(I2F, 0))
              .fma(
                  FloatVector.fromArray(FLOATS, d, scaleAt + scaleNext).mul(xScale),
                  FloatVector.fromArray(FLOATS, out, outAt + LANES));
      FloatVector.fromArray(FLOATS, m, scaleAt + scaleNext)
          .fma(FloatVector.broadcast(FLOATS, sum), total)
          .intoArray(out, outAt + LANES);
      scaleAt += LaneFormat.ROWS;
    }
  }
}
