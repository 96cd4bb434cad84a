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
}
