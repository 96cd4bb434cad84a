package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 128 signs and their scale: `value = d` or `-d`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 16 bytes: bit j mod 8 of byte j / 8 is 1 where value j is d |
final class Q1_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q1_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 128, offset += 18) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 128; j++) {
        int bit = BlockBytes.unsigned(blocks, offset + 2 + j / 8) >>> (j % 8) & 1;
        values[at + i + j] = bit == 1 ? d : -d;
      }
    }
  }
}
