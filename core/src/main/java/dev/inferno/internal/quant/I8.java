package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Whole numbers of 8 bits.
final class I8 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.I8;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = BlockBytes.signed(blocks, offset + i);
    }
  }
}
