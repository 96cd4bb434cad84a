package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Whole numbers of 64 bits, each rounded to the nearest float.
final class I64 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.I64;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = BlockBytes.bits64(blocks, offset + 8L * i);
    }
  }
}
