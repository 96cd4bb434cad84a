package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Whole numbers of 16 bits.
final class I16 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.I16;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = BlockBytes.bits16(blocks, offset + 2L * i);
    }
  }
}
