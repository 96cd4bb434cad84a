package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.kernels.Simd.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_S2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// BF16: upper halves of floats.
final class VectorBF16 implements BlockFormat, FusedProduct {
  private static final BlockFormat REFERENCE = BlockFormats.of(GgmlType.BF16).orElseThrow();

  @Override
  public GgmlType type() {
    return GgmlType.BF16;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    int i = 0;
    for (; i <= count - LANES; i += LANES) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, blocks, offset + 2L * i, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_S2I, INTS, 0);
      bits.lanewise(LSHL, 16).reinterpretAsFloats().intoArray(values, at + i);
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
                    .convertShape(ZERO_EXTEND_S2I, INTS, 0);
        sum =
            bits.lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j), sum);
      }
      even = odd;
      odd = sum;
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }

  /// With a loop as {@link VectorLanes} has them.
  @Override
  public void products(
      MemorySegment blocks,
      long offset,
      long stride,
      float[] x,
      int xAt,
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
    long end = offset + 2L * count;
    for (long from = offset; from != end; from += 4L * HALF, xAt += 2 * HALF) {
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector y = FloatVector.fromArray(FLOATS, x, xAt + j);
        even0 =
            ((IntVector)
                    ShortVector.fromMemorySegment(SHORTS, blocks, from + 2L * j, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, even0);
        even1 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + stride + 2L * j, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, even1);
        even2 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 2 * stride + 2L * j, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, even2);
        even3 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 3 * stride + 2L * j, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, even3);
        y = FloatVector.fromArray(FLOATS, x, xAt + j + HALF);
        odd0 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, odd0);
        odd1 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, odd1);
        odd2 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 2 * stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, odd2);
        odd3 =
            ((IntVector)
                    ShortVector.fromMemorySegment(
                            SHORTS, blocks, from + 3 * stride + 2L * j + 2L * HALF, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_S2I, INTS, 0))
                .lanewise(LSHL, 16)
                .reinterpretAsFloats()
                .fma(y, odd3);
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
  }
}
