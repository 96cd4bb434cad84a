package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.quant.BlockBytes.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/// Q8_0: bytes to floats, times the scale.
final class VectorQ8_0 implements BlockFormat, FusedProduct {
  @Override
  public GgmlType type() {
    return GgmlType.Q8_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 34) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      for (int j = 0; j < HALF; j += LANES) {
        ((FloatVector)
                ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
                    .convertShape(B2F, FLOATS, 0))
            .mul(d)
            .intoArray(values, at + i + j);
        ((FloatVector)
                ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + HALF + j, LITTLE_ENDIAN)
                    .convertShape(B2F, FLOATS, 0))
            .mul(d)
            .intoArray(values, at + i + j + HALF);
      }
    }
  }

  @Override
  public void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 32, offset += 34) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      for (int j = 0; j < HALF; j += LANES) {
        even =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j), even);
        odd =
            ((FloatVector)
                    ByteVector.fromMemorySegment(
                            BYTES, blocks, offset + 2 + HALF + j, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF), odd);
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }

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
    long offset1 = offset + stride;
    long offset2 = offset + 2 * stride;
    long offset3 = offset + 3 * stride;
    FloatVector even0 = FloatVector.zero(FLOATS);
    FloatVector odd0 = FloatVector.zero(FLOATS);
    FloatVector even1 = FloatVector.zero(FLOATS);
    FloatVector odd1 = FloatVector.zero(FLOATS);
    FloatVector even2 = FloatVector.zero(FLOATS);
    FloatVector odd2 = FloatVector.zero(FLOATS);
    FloatVector even3 = FloatVector.zero(FLOATS);
    FloatVector odd3 = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 32, offset += 34, offset1 += 34, offset2 += 34, offset3 += 34) {
      for (int j = 0; j < HALF; j += LANES) {
        FloatVector y = FloatVector.fromArray(FLOATS, x, xAt + i + j);
        FloatVector z = FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF);
        float d = Float.float16ToFloat(blocks.get(SHORT, offset));
        even0 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(y, even0);
        odd0 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(
                            BYTES, blocks, offset + 2 + j + HALF, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(z, odd0);
        d = Float.float16ToFloat(blocks.get(SHORT, offset1));
        even1 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, offset1 + 2 + j, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(y, even1);
        odd1 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(
                            BYTES, blocks, offset1 + 2 + j + HALF, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(z, odd1);
        d = Float.float16ToFloat(blocks.get(SHORT, offset2));
        even2 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, offset2 + 2 + j, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(y, even2);
        odd2 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(
                            BYTES, blocks, offset2 + 2 + j + HALF, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(z, odd2);
        d = Float.float16ToFloat(blocks.get(SHORT, offset3));
        even3 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, offset3 + 2 + j, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(y, even3);
        odd3 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(
                            BYTES, blocks, offset3 + 2 + j + HALF, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .mul(d)
                .fma(z, odd3);
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
