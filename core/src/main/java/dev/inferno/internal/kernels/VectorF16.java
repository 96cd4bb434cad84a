package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.kernels.Simd.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.MAX;
import static jdk.incubator.vector.VectorOperators.OR;
import static jdk.incubator.vector.VectorOperators.S2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// F16: half-precision floats, whose bits are moved to where a float has them.
final class VectorF16 implements BlockFormat, ScaledProduct {
  /// The sign, exponent and mantissa of a half that is finite, where those of a float are.
  private static final int FINITE = 0x8FFFE000;

  /// By how much a half is too small when its bits are moved only.
  private static final float SCALE = 0x1p112f;

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
      IntVector magnitude = bits.and(0x7FFF).lanewise(LSHL, 13);
      IntVector allOnes =
          magnitude.add(1 << 23).lanewise(LSHL, 3).lanewise(ASHR, 8).and(0x7F80_0000);
      FloatVector absolute = magnitude.or(allOnes).reinterpretAsFloats().mul(SCALE);
      absolute
          .reinterpretAsInts()
          .or(bits.and(0x8000_0000))
          .reinterpretAsFloats()
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
        IntVector magnitude = bits.and(0x7FFF).lanewise(LSHL, 13);
        IntVector allOnes =
            magnitude.add(1 << 23).lanewise(LSHL, 3).lanewise(ASHR, 8).and(0x7F80_0000);
        FloatVector absolute = magnitude.or(allOnes).reinterpretAsFloats().mul(SCALE);
        sum =
            absolute
                .reinterpretAsInts()
                .or(bits.and(0x8000_0000))
                .reinterpretAsFloats()
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
    IntVector exponents = IntVector.zero(INTS); // bit 28 is set once an exponent is all ones
    long end = offset + 2L * count;
    int xAt = 0;
    for (long from = offset; from != end; from += 4L * HALF, xAt += 2 * HALF) {
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector y = FloatVector.fromArray(FLOATS, scaled, xAt + j);
        IntVector bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(SHORTS, blocks, from + 2L * j, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        even0 = bits.reinterpretAsFloats().fma(y, even0);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + stride + 2L * j, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        even1 = bits.reinterpretAsFloats().fma(y, even1);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 2 * stride + 2L * j, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        even2 = bits.reinterpretAsFloats().fma(y, even2);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 3 * stride + 2L * j, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        even3 = bits.reinterpretAsFloats().fma(y, even3);
        y = FloatVector.fromArray(FLOATS, scaled, xAt + j + HALF);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        odd0 = bits.reinterpretAsFloats().fma(y, odd0);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        odd1 = bits.reinterpretAsFloats().fma(y, odd1);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 2 * stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        odd2 = bits.reinterpretAsFloats().fma(y, odd2);
        bits =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 3 * stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(S2I, INTS, 0))
                .lanewise(LSHL, 13)
                .and(FINITE);
        exponents = exponents.or(bits.add(1 << 23));
        odd3 = bits.reinterpretAsFloats().fma(y, odd3);
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
    return exponents.and(1 << 28).reduceLanes(OR) == 0;
  }
}
