package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.HALF;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
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

/// IQ4_NL: the levels that nibbles choose, times the scale.
final class VectorIQ4_NL implements BlockFormat, FusedProduct {
  private static final IntVector FIRST = VectorLevels.first(Levels.NON_LINEAR);
  private static final IntVector SECOND = VectorLevels.second(Levels.NON_LINEAR);

  @Override
  public GgmlType type() {
    return GgmlType.IQ4_NL;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    IntVector first = FIRST;
    IntVector second = SECOND;
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      for (int j = 0; j < HALF; j += LANES) {
        IntVector pairs =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector low = pairs.and(15);
        IntVector high = pairs.lanewise(LSHR, 4);
        IntVector lows = low.selectFrom(first);
        IntVector highs = high.selectFrom(first);
        if (LANES < 16) {
          lows = lows.blend(low.selectFrom(second), low.compare(GE, 8));
          highs = highs.blend(high.selectFrom(second), high.compare(GE, 8));
        }
        lows.reinterpretAsFloats().mul(d).intoArray(values, at + i + j);
        highs.reinterpretAsFloats().mul(d).intoArray(values, at + i + j + HALF);
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
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = Float.float16ToFloat(blocks.get(SHORT, offset));
      for (int j = 0; j < HALF; j += LANES) {
        IntVector pairs =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, blocks, offset + 2 + j, LITTLE_ENDIAN)
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
                .mul(d)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j), even);
        odd =
            highs
                .reinterpretAsFloats()
                .mul(d)
                .fma(FloatVector.fromArray(FLOATS, x, xAt + i + j + HALF), odd);
      }
    }
    even.intoArray(partial, at);
    odd.intoArray(partial, at + HALF);
  }
}
