package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.quant.BlockBytes.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.Q3Scales;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Q3_K: pairs of bits and their third bits less 4, times the group's scale.
final class VectorQ3_K implements BlockFormat, FusedProduct {
  @Override
  public GgmlType type() {
    return GgmlType.Q3_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 110) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset + 108));
      for (int part = 0; part < 16; part++) {
        float scale = d * (Q3Scales.of(blocks, offset + 96, part) - 32);
        long quants = offset + 32 + (part >>> 3) * 32L + (part & 1) * 16L;
        long thirds = offset + (part & 1) * 16L;
        int shift = ((part >>> 1) & 3) * 2;
        int thirdShift = part >>> 1;
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector third =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, thirds + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          ((FloatVector)
                  low.lanewise(LSHR, shift)
                      .and(3)
                      .or(third.lanewise(LSHR, thirdShift).and(1).lanewise(LSHL, 2))
                      .sub(4)
                      .convert(I2F, 0))
              .mul(scale)
              .intoArray(values, at + i + part * HALF + j);
        }
      }
    }
  }

  @Override
  public void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at) {
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 256, offset += 110) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset + 108));
      for (int part = 0; part < 16; part++) {
        float scale = d * (Q3Scales.of(blocks, offset + 96, part) - 32);
        long quants = offset + 32 + (part >>> 3) * 32L + (part & 1) * 16L;
        long thirds = offset + (part & 1) * 16L;
        int shift = ((part >>> 1) & 3) * 2;
        int thirdShift = part >>> 1;
        FloatVector sum = even; // the sums take turns
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector third =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, thirds + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          sum =
              ((FloatVector)
                      low.lanewise(LSHR, shift)
                          .and(3)
                          .or(third.lanewise(LSHR, thirdShift).and(1).lanewise(LSHL, 2))
                          .sub(4)
                          .convert(I2F, 0))
                  .mul(scale)
                  .fma(FloatVector.fromArray(FLOATS, x, xAt + i + part * HALF + j), sum);
        }
        even = odd;
        odd = sum;
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
