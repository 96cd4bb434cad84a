package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Double-precision floats, each rounded to the nearest float.
final class F64 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.F64;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = (float) BlockBytes.doublePrecision(blocks, offset + 8L * i);
    }
  }
}
