package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.quant.BlockBytes.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Q4_0: nibbles less 8, times the scale.
final class VectorQ4_0 implements BlockFormat, FusedProduct {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      for (int j = 0; j < HALF; j += LANES) {
        IntVector pairs =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        ((FloatVector) pairs.and(15).sub(8).convert(I2F, 0)).mul(d).intoArray(values, at + i + j);
        ((FloatVector) pairs.lanewise(LSHR, 4).sub(8).convert(I2F, 0))
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
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      for (int j = 0; j < HALF; j += LANES) {
        IntVector pairs =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        even =
            ((FloatVector) pairs.and(15).sub(8).convert(I2F, 0))
                .mul(d)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j), even);
        odd =
            ((FloatVector) pairs.lanewise(LSHR, 4).sub(8).convert(I2F, 0))
                .mul(d)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF), odd);
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
