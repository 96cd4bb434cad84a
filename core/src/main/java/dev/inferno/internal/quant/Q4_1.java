package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 nibbles, their scale and their minimum: `value = d q + m`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | m, half |
/// | 4 | 16 bytes: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class Q4_1 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_1;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 20) {
      float d = BlockBytes.half(blocks, offset);
      float m = BlockBytes.half(blocks, offset + 2);
      for (int j = 0; j < 16; j++) {
        int pair = BlockBytes.unsigned(blocks, offset + 4 + j);
        values[at + i + j] = (pair & 15) * d + m;
        values[at + i + j + 16] = (pair >>> 4) * d + m;
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = at; i < at + count; i += 32, offset += 20) {
      float m = Range.least(values, i, 32);
      float d = (Range.greatest(values, i, 32) - m) / 15;
      float inverse = d == 0 ? 0 : 1 / d;
      BlockBytes.setHalf(blocks, offset, d);
      BlockBytes.setHalf(blocks, offset + 2, m);
      for (int j = 0; j < 16; j++) {
        int low = quant((values[i + j] - m) * inverse);
        int high = quant((values[i + j + 16] - m) * inverse);
        BlockBytes.setByte(blocks, offset + 4 + j, low | high << 4);
      }
    }
  }

  private static int quant(float x) {
    return Math.clamp((int) (x + 0.5f), 0, 15);
  }
}
