package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.quant.BlockBytes.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Q6_K: nibbles and their fifth and sixth bits less 32, times the group's scale.
final class VectorQ6_K implements BlockFormat, FusedProduct {
  @Override
  public GgmlType type() {
    return GgmlType.Q6_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 210) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset + 208));
      for (int part = 0; part < 16; part++) {
        float scale = d * blocks.get(JAVA_BYTE, offset + 192 + part);
        long lows = offset + (part >>> 3) * 64L + (part & 3) * 16L;
        long highs = offset + 128 + (part >>> 3) * 32L + (part & 1) * 16L;
        int lowShift = ((part >>> 2) & 1) * 4;
        int highShift = ((part >>> 1) & 3) * 2;
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, lows + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector high =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, highs + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          ((FloatVector)
                  low.lanewise(LSHR, lowShift)
                      .and(15)
                      .or(high.lanewise(LSHR, highShift).and(3).lanewise(LSHL, 4))
                      .sub(32)
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
    for (int i = 0; i < count; i += 256, offset += 210) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset + 208));
      for (int part = 0; part < 4; part++) { // half of the block, half of a group; sums take turns
        long lows = offset + (part >>> 1) * 64L + (part & 1) * 16L;
        long highs = offset + 128 + (part >>> 1) * 32L + (part & 1) * 16L;
        long scales = offset + 192 + (part >>> 1) * 8L + (part & 1);
        int first = xAt + i + (part >>> 1) * 128 + (part & 1) * HALF;
        FloatVector sum = even;
        float scale0 = d * blocks.get(JAVA_BYTE, scales + 0);
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, lows + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector high =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, highs + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          FloatVector values =
              ((FloatVector) low.and(15).or(high.lanewise(LSHL, 4).and(48)).sub(32).convert(I2F, 0))
                  .mul(scale0);
          sum = values.fma(FloatVector.fromArray(FLOATS, x, first + j), sum);
        }
        float scale1 = d * blocks.get(JAVA_BYTE, scales + 2);
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, lows + 32 + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector high =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, highs + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          FloatVector values =
              ((FloatVector) low.and(15).or(high.lanewise(LSHL, 2).and(48)).sub(32).convert(I2F, 0))
                  .mul(scale1);
          sum = values.fma(FloatVector.fromArray(FLOATS, x, first + 32 + j), sum);
        }
        float scale2 = d * blocks.get(JAVA_BYTE, scales + 4);
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, lows + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector high =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, highs + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          FloatVector values =
              ((FloatVector) low.lanewise(LSHR, 4).or(high.and(48)).sub(32).convert(I2F, 0))
                  .mul(scale2);
          sum = values.fma(FloatVector.fromArray(FLOATS, x, first + 64 + j), sum);
        }
        float scale3 = d * blocks.get(JAVA_BYTE, scales + 6);
        for (int j = 0; j < HALF; j += LANES) {
          IntVector low =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, lows + 32 + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector high =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, highs + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          FloatVector values =
              ((FloatVector)
                      low.lanewise(LSHR, 4)
                          .or(high.lanewise(LSHR, 2).and(48))
                          .sub(32)
                          .convert(I2F, 0))
                  .mul(scale3);
          sum = values.fma(FloatVector.fromArray(FLOATS, x, first + 96 + j), sum);
        }
        even = odd;
        odd = sum;
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
