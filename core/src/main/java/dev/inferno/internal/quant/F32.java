package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Plain single-precision floats.
final class F32 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.F32;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = BlockBytes.single(blocks, offset + 4L * i);
    }
  }
}
