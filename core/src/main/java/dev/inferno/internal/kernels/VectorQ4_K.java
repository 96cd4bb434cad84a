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
import dev.inferno.internal.quant.SixBitPairs;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Q4_K: nibbles times the group's scale, less its minimum.
final class VectorQ4_K implements BlockFormat, FusedProduct {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 144) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      float dmin = Float.float16ToFloat(blocks.get(SHORT, offset + 2));
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int part = 0; part < 16; part++) {
        int group = part >>> 1;
        float scale = d * ((int) (scales >>> (8 * group)) & 63);
        float minimum = dmin * ((int) (minima >>> (8 * group)) & 63);
        long quants = offset + 16 + (group >>> 1) * 32L + (part & 1) * 16L;
        int shift = (group & 1) * 4;
        for (int j = 0; j < HALF; j += LANES) {
          IntVector pairs =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          ((FloatVector) pairs.lanewise(LSHR, shift).and(15).convert(I2F, 0))
              .mul(scale)
              .sub(minimum)
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
    for (int i = 0; i < count; i += 256, offset += 144) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      float dmin = Float.float16ToFloat(blocks.get(SHORT, offset + 2));
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int pair = 0; pair < 4; pair++) { // of groups, whose values share bytes
        float scale = d * ((int) (scales >>> (16 * pair)) & 63);
        float nextScale = d * ((int) (scales >>> (16 * pair + 8)) & 63);
        float minimum = dmin * ((int) (minima >>> (16 * pair)) & 63);
        float nextMinimum = dmin * ((int) (minima >>> (16 * pair + 8)) & 63);
        for (int half = 0; half < 2; half++) { // of a group; the sums take turns
          long quants = offset + 16 + pair * 32L + half * 16L;

          int first = xAt + i + pair * 64 + half * HALF;
          FloatVector sum = even;
          for (int j = 0; j < HALF; j += LANES) {
            IntVector nibbles =
                (IntVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, INTS, 0);

            FloatVector values =
                ((FloatVector) nibbles.and(15).convert(I2F, 0)).mul(scale).sub(minimum);
            sum = values.fma(FloatVector.fromArray(FLOATS, x, first + j), sum);
          }
          for (int j = 0; j < HALF; j += LANES) {
            IntVector nibbles =
                (IntVector)
                    ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                        .convertShape(ZERO_EXTEND_B2I, INTS, 0);

            FloatVector values =
                ((FloatVector) nibbles.lanewise(LSHR, 4).convert(I2F, 0))
                    .mul(nextScale)
                    .sub(nextMinimum);
            sum = values.fma(FloatVector.fromArray(FLOATS, x, first + 32 + j), sum);
          }
          even = odd;
          odd = sum;
        }
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
