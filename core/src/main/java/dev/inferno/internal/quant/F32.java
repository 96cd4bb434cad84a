package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// Plain single-precision floats.
final class F32 implements BlockEncoder {
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

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = 0; i < count; i++) {
      blocks.set(BlockBytes.FLOAT, offset + 4L * i, values[at + i]);
    }
  }
}
