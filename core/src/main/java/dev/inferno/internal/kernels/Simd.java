package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/// The vector's width, and the few steps on vectors that kernels share.
///
/// Everything here is small enough to be inlined, or a vector would be boxed. Widths are 4, 8 or 16
/// floats; a wider machine is used at 16, half of the smallest block.
final class Simd {
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.length() > 16
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorShape.forBitSize(FLOATS.vectorBitSize()));
  static final int LANES = FLOATS.length();

  /// As many shorts as there are lanes, in half the bits.
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(FLOATS.vectorBitSize() / 2));

  /// As many bytes as there are lanes; for 4 lanes there is no such shape, see {@link #unsigned}.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(
          byte.class, VectorShape.forBitSize(Math.max(64, FLOATS.vectorBitSize() / 4)));

  private static final boolean FMA = FusedMultiplyAdd.AVAILABLE;

  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(FLOATS, 8, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(FLOATS, 4, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(FLOATS, 2, 1, true);
  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(FLOATS, 1, 1, true);

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// 0, 8, 16 and 24.
  private static final IntVector BYTE_SHIFTS = IntVector.zero(INTS).addIndex(8);

  private static final IntVector LANE_NUMBERS = IntVector.zero(INTS).addIndex(1);

  private Simd() {}

  /// `a * b + c`, rounded once where the machine can.
  static FloatVector fma(FloatVector a, FloatVector b, FloatVector c) {
    return FMA ? a.fma(b, c) : a.mul(b).add(c);
  }

  static FloatVector load(float[] x, int at) {
    return FloatVector.fromArray(FLOATS, x, at);
  }

  static FloatVector singles(MemorySegment data, long offset) {
    return FloatVector.fromMemorySegment(FLOATS, data, offset, ByteOrder.LITTLE_ENDIAN);
  }

  /// The sum of the lanes in one fixed order; that of `reduceLanes` is undefined, and changes when
  /// its caller is compiled.
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (LANES > 8) {
      s = s.add(s.rearrange(BY_8));
    }
    if (LANES > 4) {
      s = s.add(s.rearrange(BY_4));
    }
    s = s.add(s.rearrange(BY_2));
    return s.add(s.rearrange(BY_1)).lane(0);
  }

  /// As many bytes as there are lanes, 0 to 255 each.
  static IntVector unsigned(MemorySegment data, long offset) {
    if (LANES == 4) {
      return IntVector.broadcast(INTS, data.get(INT, offset))
          .lanewise(VectorOperators.LSHR, BYTE_SHIFTS)
          .and(0xFF);
    }
    return (IntVector)
        ByteVector.fromMemorySegment(BYTES, data, offset, ByteOrder.LITTLE_ENDIAN)
            .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0);
  }

  /// As many signed bytes as there are lanes, as floats.
  static FloatVector signedFloats(MemorySegment data, long offset) {
    if (LANES == 4) {
      IntVector unsigned = unsigned(data, offset);
      return floats(unsigned.lanewise(VectorOperators.LSHL, 24).lanewise(VectorOperators.ASHR, 24));
    }
    return (FloatVector)
        ByteVector.fromMemorySegment(BYTES, data, offset, ByteOrder.LITTLE_ENDIAN)
            .convertShape(VectorOperators.B2F, FLOATS, 0);
  }

  /// 16 in the lanes whose bit, counted from bit 4 of `bits`, is set, 0 in the others.
  static IntVector fifthBits(int bits) {
    return IntVector.broadcast(INTS, bits).lanewise(VectorOperators.LSHR, LANE_NUMBERS).and(16);
  }

  static FloatVector floats(IntVector v) {
    return (FloatVector) v.convert(VectorOperators.I2F, 0);
  }

  /// As many half-precision floats as there are lanes.
  static FloatVector halves(MemorySegment data, long offset) {
    return halves(ShortVector.fromMemorySegment(SHORTS, data, offset, ByteOrder.LITTLE_ENDIAN));
  }

  static FloatVector halves(short[] data, int at) {
    return halves(ShortVector.fromArray(SHORTS, data, at));
  }

  /// The upper halves of as many floats as there are lanes.
  static FloatVector upperHalves(MemorySegment data, long offset) {
    ShortVector bits = ShortVector.fromMemorySegment(SHORTS, data, offset, ByteOrder.LITTLE_ENDIAN);
    return ((IntVector) bits.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0))
        .lanewise(VectorOperators.LSHL, 16)
        .reinterpretAsFloats();
  }

  /// Exact for every pattern. Exponent and mantissa go to their places, and a factor makes up for
  /// the difference of the exponents' biases, 127 - 15, which also makes subnormal numbers normal.
  /// An exponent of all ones, for infinities and what is no number, becomes all ones. Without
  /// masks, which cost more than they save.
  private static FloatVector halves(ShortVector half) {
    IntVector bits = (IntVector) half.convertShape(VectorOperators.S2I, INTS, 0);
    IntVector magnitude = bits.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
    IntVector allOnes =
        magnitude.add(1 << 23).lanewise(VectorOperators.LSHL, 3).lanewise(VectorOperators.ASHR, 8);
    return magnitude
        .or(allOnes.and(0x7F80_0000))
        .reinterpretAsFloats()
        .mul(0x1p112f)
        .reinterpretAsInts()
        .or(bits.and(0x8000_0000))
        .reinterpretAsFloats();
  }

  /// {@link Exponential#of} in every lane, to the bit.
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.min(Exponential.HIGHEST);
    FloatVector n =
        bounded.mul(Exponential.LOG2_E).add(Exponential.ROUNDER).sub(Exponential.ROUNDER);
    FloatVector r = bounded.sub(n.mul(Exponential.LN2_HIGH)).sub(n.mul(Exponential.LN2_LOW));
    FloatVector p = r.mul(Exponential.C7).add(Exponential.C6);
    p = p.mul(r).add(Exponential.C5);
    p = p.mul(r).add(Exponential.C4);
    p = p.mul(r).add(Exponential.C3);
    p = p.mul(r).add(Exponential.C2);
    p = p.mul(r.mul(r)).add(r).add(1);
    IntVector exponent =
        ((IntVector) n.convert(VectorOperators.F2I, 0)).add(126).lanewise(VectorOperators.LSHL, 23);
    FloatVector y = p.mul(exponent.reinterpretAsFloats()).mul(2);
    return y.blend(0, x.compare(VectorOperators.LT, Exponential.LOWEST))
        .blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, Exponential.HIGHEST));
  }
}
