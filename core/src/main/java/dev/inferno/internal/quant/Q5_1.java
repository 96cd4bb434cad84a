package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 numbers of five bits, their scale and their minimum: `value = d q + m`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | m, half |
/// | 4 | fifth bits: bit i belongs to value i |
/// | 8 | 16 bytes: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class Q5_1 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q5_1;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 24) {
      float d = BlockBytes.half(blocks, offset);
      float m = BlockBytes.half(blocks, offset + 2);
      int fifth = BlockBytes.bits32(blocks, offset + 4);
      for (int j = 0; j < 16; j++) {
        int pair = BlockBytes.unsigned(blocks, offset + 8 + j);
        int low = (pair & 15) | (fifth >>> j & 1) << 4;
        int high = pair >>> 4 | (fifth >>> (j + 16) & 1) << 4;
        values[at + i + j] = low * d + m;
        values[at + i + j + 16] = high * d + m;
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = at; i < at + count; i += 32, offset += 24) {
      float m = Range.least(values, i, 32);
      float d = (Range.greatest(values, i, 32) - m) / 31;
      float inverse = d == 0 ? 0 : 1 / d;
      BlockBytes.setHalf(blocks, offset, d);
      BlockBytes.setHalf(blocks, offset + 2, m);
      int fifth = 0;
      for (int j = 0; j < 16; j++) {
        int low = quant((values[i + j] - m) * inverse);
        int high = quant((values[i + j + 16] - m) * inverse);
        BlockBytes.setByte(blocks, offset + 8 + j, (low & 15) | (high & 15) << 4);
        fifth |= low >>> 4 << j | high >>> 4 << (j + 16);
      }
      blocks.set(BlockBytes.INT, offset + 4, fifth);
    }
  }

  private static int quant(float x) {
    return Math.clamp((int) (x + 0.5f), 0, 31);
  }
}
