package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// IEEE half-precision floats.
final class F16 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.F16;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      float value = BlockBytes.half(blocks, offset + 2L * i);
      values[at + i] = Float.isNaN(value) ? quiet(value) : value;
    }
  }

  /// The same NaN with its quiet bit set, as the processor leaves it; plain Java may not.
  private static float quiet(float nan) {
    return Float.intBitsToFloat(Float.floatToRawIntBits(nan) | 0x0040_0000);
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = 0; i < count; i++) {
      BlockBytes.setHalf(blocks, offset + 2L * i, values[at + i]);
    }
  }
}
