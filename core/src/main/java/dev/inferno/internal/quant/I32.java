package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Whole numbers of 32 bits, each rounded to the nearest float.
final class I32 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.I32;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = BlockBytes.bits32(blocks, offset + 4L * i);
    }
  }
}
