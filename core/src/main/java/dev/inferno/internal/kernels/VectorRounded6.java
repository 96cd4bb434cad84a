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

/// Lanes of 6 bits times rounded x, as {@link VectorRounded4} goes: four products of at most 63
/// times 127 are less than 32,768.
final class VectorRounded6 {
  private static final short SIX_BITS = 63;
  private static final short REST = (short) 0xF000;
  private static final int SCALE_BYTES = 192;

  private VectorRounded6() {}

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
    int scale = 0;
    long end = start + (long) scales * SCALE_BYTES;
    for (long cell = start; cell != end; cell += SCALE_BYTES) {
      ShortVector a0 = ShortVector.zero(WIDE_SHORTS);
      ShortVector a1 = ShortVector.zero(WIDE_SHORTS);
      ShortVector b0 = ShortVector.zero(WIDE_SHORTS);
      ShortVector b1 = ShortVector.zero(WIDE_SHORTS);
      ShortVector aRest = ShortVector.zero(WIDE_SHORTS);
      ShortVector bRest = ShortVector.zero(WIDE_SHORTS);
      for (long word = cell; word != cell + SCALE_BYTES; word += 64, pairsAt += 2) {
        ShortVector aWord = ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, word, nativeOrder());
        ShortVector bWord =
            ShortVector.fromMemorySegment(WIDE_SHORTS, lanes, word + next, nativeOrder());
        ShortVector y = IntVector.broadcast(INTS, pairs[pairsAt]).reinterpretAsShorts();
        a0 = aWord.and(SIX_BITS).mul(y).add(a0);
        b0 = bWord.and(SIX_BITS).mul(y).add(b0);
        y = IntVector.broadcast(INTS, pairs[pairsAt + 1]).reinterpretAsShorts();
        a1 = aWord.lanewise(LSHR, 6).and(SIX_BITS).mul(y).add(a1);
        b1 = bWord.lanewise(LSHR, 6).and(SIX_BITS).mul(y).add(b1);
        aRest = aRest.lanewise(LSHR, 4).or(aWord.and(REST));
        bRest = bRest.lanewise(LSHR, 4).or(bWord.and(REST));
      }
      ShortVector y = IntVector.broadcast(INTS, pairs[pairsAt]).reinterpretAsShorts();
      a0 = aRest.lanewise(LSHR, 4).and(SIX_BITS).mul(y).add(a0);
      b0 = bRest.lanewise(LSHR, 4).and(SIX_BITS).mul(y).add(b0);
      y = IntVector.broadcast(INTS, pairs[pairsAt + 1]).reinterpretAsShorts();
      a1 = aRest.lanewise(LSHR, 10).mul(y).add(a1);
      b1 = bRest.lanewise(LSHR, 10).mul(y).add(b1);
      pairsAt += 2;
      IntVector aSums = a0.reinterpretAsInts();
      IntVector a = aSums.lanewise(LSHL, 16).lanewise(ASHR, 16).add(aSums.lanewise(ASHR, 16));
      aSums = a1.reinterpretAsInts();
      a = aSums.lanewise(LSHL, 16).lanewise(ASHR, 16).add(aSums.lanewise(ASHR, 16)).add(a);
      IntVector bSums = b0.reinterpretAsInts();
      IntVector b = bSums.lanewise(LSHL, 16).lanewise(ASHR, 16).add(bSums.lanewise(ASHR, 16));
      bSums = b1.reinterpretAsInts();
      b = bSums.lanewise(LSHL, 16).lanewise(ASHR, 16).add(bSums.lanewise(ASHR, 16)).add(b);
      float sum = sums[sumsAt];
      sumsAt++;
      float xScale = xScales[xScalesAt + scale++ / 2];
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
