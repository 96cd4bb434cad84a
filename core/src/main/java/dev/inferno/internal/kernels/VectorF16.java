package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.kernels.Simd.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// F16: half-precision floats, whose bits are moved to where a float has them, with the exponent of
/// a normal number. That makes a subnormal half half as large as it is, and too large by half of
/// the lowest normal one; twice that, less the lowest normal number, is right for it, and larger
/// than what is right for others. So the smaller of both is right. A float that is itself subnormal
/// would cost a hundred cycles in a product on some processors.
final class VectorF16 implements BlockFormat, ScaledProduct {
  /// The exponent and mantissa of a half where those of a float are.
  static final int MAGNITUDE = 0x0FFF_E000;

  static final int SIGN = 0x8000_0000;

  /// What is added to the exponent of a half, without the bits that one has.
  static final int BIAS = 96 << 23;

  /// By how much a half is too small then.
  static final float SCALE = 0x1p16f;

  static final float LOWEST_NORMAL = 0x1p-14f / SCALE;

  private static final BlockFormat REFERENCE = BlockFormats.of(GgmlType.F16).orElseThrow();

  @Override
  public GgmlType type() {
    return GgmlType.F16;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, blocks, offset + 2L * i, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector magnitude = bits.lanewise(LSHL, 13).and(MAGNITUDE);
      IntVector allOnes =
          magnitude.add(1 << 23).lanewise(LSHL, 3).lanewise(ASHR, 8).and(0x7F80_0000);
      IntVector normal = magnitude.or(BIAS);
      IntVector subnormal =
          normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
      normal
          .min(subnormal)
          .or(allOnes)
          .or(bits.and(SIGN))
          .reinterpretAsFloats()
          .mul(SCALE)
          .intoArray(values, at + i);
    }
    if (i < count) {
      REFERENCE.decode(blocks, offset + 2L * i, values, at + i, count - i);
    }
  }

  @Override
  public void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += HALF) {
      FloatVector sum = even; // the sums take turns
      for (int j = 0; j < HALF; j += LANES) {
        IntVector bits =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, blocks, offset + 2L * (i + j), LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        IntVector magnitude = bits.lanewise(LSHL, 13).and(MAGNITUDE);
        IntVector allOnes =
            magnitude.add(1 << 23).lanewise(LSHL, 3).lanewise(ASHR, 8).and(0x7F80_0000);
        IntVector normal = magnitude.or(BIAS);
        IntVector subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        sum =
            normal
                .min(subnormal)
                .or(allOnes)
                .or(bits.and(SIGN))
                .reinterpretAsFloats()
                .mul(SCALE)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j), sum);
      }
      even = odd;
      odd = sum;
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }

  @Override
  public boolean scale(float[] x, int xAt, int count, float[] scaled) {
    FloatVector largest = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += LANES) {
      FloatVector y = FloatVector.fromArray(FLOATS, x, xAt + i).mul(SCALE);
      largest = largest.max(y.abs());
      y.intoArray(scaled, i);
    }
    return largest.reduceLanes(MAX) < Float.POSITIVE_INFINITY;
  }

  /// With a loop as {@link VectorLanes} has them.
  @Override
  public boolean scaledProducts(
      MemorySegment blocks,
      long offset,
      long stride,
      float[] scaled,
      int count,
      float[] partial,
      int at,
      int partialStride) {
    FloatVector even0 = FloatVector.zero(FLOATS);
    FloatVector odd0 = FloatVector.zero(FLOATS);
    FloatVector even1 = FloatVector.zero(FLOATS);
    FloatVector odd1 = FloatVector.zero(FLOATS);
    FloatVector even2 = FloatVector.zero(FLOATS);
    FloatVector odd2 = FloatVector.zero(FLOATS);
    FloatVector even3 = FloatVector.zero(FLOATS);
    FloatVector odd3 = FloatVector.zero(FLOATS);
    IntVector largest = IntVector.zero(INTS);
    long end = offset + 2L * count;
    int xAt = 0;
    for (long from = offset; from != end; from += 4L * HALF, xAt += 2 * HALF) {
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector y = FloatVector.fromArray(FLOATS, scaled, xAt + j);
        IntVector bits =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, blocks, from + 2L * j, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        IntVector normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        IntVector subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        even0 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, even0);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, blocks, from + stride + 2L * j, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        even1 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, even1);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(
                        SHORTS, blocks, from + 2 * stride + 2L * j, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        even2 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, even2);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(
                        SHORTS, blocks, from + 3 * stride + 2L * j, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        even3 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, even3);
        y = FloatVector.fromArray(FLOATS, scaled, xAt + j + HALF);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(
                        SHORTS, blocks, from + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        odd0 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, odd0);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(
                        SHORTS, blocks, from + stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        odd1 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, odd1);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(
                        SHORTS, blocks, from + 2 * stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        odd2 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, odd2);
        bits =
            (IntVector)
                ShortVector.fromMemorySegment(
                        SHORTS, blocks, from + 3 * stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        normal = bits.lanewise(LSHL, 13).and(MAGNITUDE).or(BIAS);
        largest = largest.max(normal);
        subnormal =
            normal.reinterpretAsFloats().lanewise(FMA, 2, -LOWEST_NORMAL).reinterpretAsInts();
        odd3 = normal.min(subnormal).or(bits.and(SIGN)).reinterpretAsFloats().fma(y, odd3);
      }
    }
    even0.intoArray(partial, at);
    odd0.intoArray(partial, at + HALF);
    even1.intoArray(partial, at + partialStride);
    odd1.intoArray(partial, at + partialStride + HALF);
    even2.intoArray(partial, at + 2 * partialStride);
    odd2.intoArray(partial, at + 2 * partialStride + HALF);
    even3.intoArray(partial, at + 3 * partialStride);
    odd3.intoArray(partial, at + 3 * partialStride + HALF);
    return largest.reduceLanes(MAX) < BIAS + (31 << 23); // no exponent is all ones
  }
}
