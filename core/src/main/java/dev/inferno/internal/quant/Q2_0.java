package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 64 numbers of two bits and their scale: `value = d (q - 1)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 16 bytes: byte j holds values 4 j to 4 j + 3, lowest bits first |
final class Q2_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q2_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 64, offset += 18) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 64; j++) {
        int q = BlockBytes.unsigned(blocks, offset + 2 + j / 4) >>> (j % 4 * 2) & 3;
        values[at + i + j] = (q - 1) * d;
      }
    }
  }
}
