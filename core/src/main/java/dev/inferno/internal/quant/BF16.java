package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// The upper 16 bits of a single-precision float.
final class BF16 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.BF16;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = Float.intBitsToFloat(BlockBytes.bits16(blocks, offset + 2L * i) << 16);
    }
  }
}
