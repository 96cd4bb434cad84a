package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 signed bytes and their scale: `value = d q`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | q, 32 signed bytes |
final class Q8_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q8_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 34) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 32; j++) {
        values[at + i + j] = BlockBytes.signed(blocks, offset + 2 + j) * d;
      }
    }
  }
}
