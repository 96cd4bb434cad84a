package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 nibbles and their scale: `value = d (q - 8)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 16 bytes: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class Q4_0 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 18) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 16; j++) {
        int pair = BlockBytes.unsigned(blocks, offset + 2 + j);
        values[at + i + j] = ((pair & 15) - 8) * d;
        values[at + i + j + 16] = ((pair >>> 4) - 8) * d;
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = at; i < at + count; i += 32, offset += 18) {
      float d = Range.farthest(values, i, 32) / -8; // the farthest value is met exactly
      float inverse = d == 0 ? 0 : 1 / d;
      BlockBytes.setHalf(blocks, offset, d);
      for (int j = 0; j < 16; j++) {
        int low = quant(values[i + j] * inverse);
        int high = quant(values[i + j + 16] * inverse);
        BlockBytes.setByte(blocks, offset + 2 + j, low | high << 4);
      }
    }
  }

  private static int quant(float x) {
    return Math.clamp((int) (x + 8.5f), 0, 15);
  }
}
