package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.quant.BlockBytes.INT;
import static dev.inferno.internal.quant.BlockBytes.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.GE;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.Levels;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// IQ4_XS: the levels that nibbles choose, times the scale and the group's factor.
final class VectorIQ4_XS implements BlockFormat, FusedProduct {
  private static final IntVector FIRST = VectorLevels.first(Levels.NON_LINEAR);
  private static final IntVector SECOND = VectorLevels.second(Levels.NON_LINEAR);

  @Override
  public GgmlType type() {
    return GgmlType.IQ4_XS;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    IntVector first = FIRST;
    IntVector second = SECOND;
    for (int i = 0; i < count; i += 256, offset += 136) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      int upper = blocks.get(SHORT, offset + 2);
      int lower = blocks.get(INT, offset + 4);
      for (int group = 0; group < 8; group++) {
        int factor = (lower >>> (4 * group) & 15) | (upper >>> (2 * group) & 3) << 4;
        float scale = d * (factor - 32);
        long quants = offset + 8 + 16L * group;
        int to = at + i + 32 * group;
        for (int j = 0; j < HALF; j += LANES) {
          IntVector pairs =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector low = pairs.and(15);
          IntVector high = pairs.lanewise(LSHR, 4);
          IntVector lows = low.selectFrom(first);
          IntVector highs = high.selectFrom(first);
          if (LANES < 16) {
            lows = lows.blend(low.selectFrom(second), low.compare(GE, 8));
            highs = highs.blend(high.selectFrom(second), high.compare(GE, 8));
          }
          lows.reinterpretAsFloats().mul(scale).intoArray(values, to + j);
          highs.reinterpretAsFloats().mul(scale).intoArray(values, to + j + HALF);
        }
      }
    }
  }

  @Override
  public void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at) {
    IntVector first = FIRST;
    IntVector second = SECOND;
    FloatVector even = FloatVector.zero(FLOATS);
    FloatVector odd = FloatVector.zero(FLOATS);
    for (int i = 0; i < count; i += 256, offset += 136) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      int upper = blocks.get(SHORT, offset + 2);
      int lower = blocks.get(INT, offset + 4);
      for (int group = 0; group < 8; group++) {
        int factor = (lower >>> (4 * group) & 15) | (upper >>> (2 * group) & 3) << 4;
        float scale = d * (factor - 32);
        long quants = offset + 8 + 16L * group;
        int from = xAt + i + 32 * group;
        for (int j = 0; j < HALF; j += LANES) {
          IntVector pairs =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, blocks, quants + j, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          IntVector low = pairs.and(15);
          IntVector high = pairs.lanewise(LSHR, 4);
          IntVector lows = low.selectFrom(first);
          IntVector highs = high.selectFrom(first);
          if (LANES < 16) {
            lows = lows.blend(low.selectFrom(second), low.compare(GE, 8));
            highs = highs.blend(high.selectFrom(second), high.compare(GE, 8));
          }
          even =
              lows.reinterpretAsFloats()
                  .mul(scale)
                  .fma(FloatVector.fromArray(FLOATS, x, from + j), even);
          odd =
              highs
                  .reinterpretAsFloats()
                  .mul(scale)
                  .fma(FloatVector.fromArray(FLOATS, x, from + j + HALF), odd);
        }
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
