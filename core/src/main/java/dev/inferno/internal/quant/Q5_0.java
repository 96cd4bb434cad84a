package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 numbers of five bits and their scale: `value = d (q - 16)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | fifth bits: bit i belongs to value i |
/// | 6 | 16 bytes: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class Q5_0 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q5_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 22) {
      float d = BlockBytes.half(blocks, offset);
      int fifth = BlockBytes.bits32(blocks, offset + 2);
      for (int j = 0; j < 16; j++) {
        int pair = BlockBytes.unsigned(blocks, offset + 6 + j);
        int low = (pair & 15) | (fifth >>> j & 1) << 4;
        int high = pair >>> 4 | (fifth >>> (j + 16) & 1) << 4;
        values[at + i + j] = (low - 16) * d;
        values[at + i + j + 16] = (high - 16) * d;
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = at; i < at + count; i += 32, offset += 22) {
      float d = Range.farthest(values, i, 32) / -16; // the farthest value is met exactly
      float inverse = d == 0 ? 0 : 1 / d;
      BlockBytes.setHalf(blocks, offset, d);
      int fifth = 0;
      for (int j = 0; j < 16; j++) {
        int low = quant(values[i + j] * inverse);
        int high = quant(values[i + j + 16] * inverse);
        BlockBytes.setByte(blocks, offset + 6 + j, (low & 15) | (high & 15) << 4);
        fifth |= low >>> 4 << j | high >>> 4 << (j + 16);
      }
      blocks.set(BlockBytes.INT, offset + 2, fifth);
    }
  }

  private static int quant(float x) {
    return Math.clamp((int) (x + 16.5f), 0, 31);
  }
}
