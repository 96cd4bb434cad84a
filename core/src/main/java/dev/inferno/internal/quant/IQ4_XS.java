package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 nibbles that choose from sixteen levels, in eight groups of 32 with a scale of six bits
/// each: `value = d (s - 32) level[q]`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 16 bits: the upper two bits of each s, those of group 0 lowest |
/// | 4 | 4 bytes: the lower four bits of each s, two groups a byte, the even one low |
/// | 8 | 128 bytes, 16 per group: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class IQ4_XS implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.IQ4_XS;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 136) {
      float d = BlockBytes.half(blocks, offset);
      int high = BlockBytes.bits16(blocks, offset + 2);
      for (int group = 0; group < 8; group++) {
        int low = BlockBytes.unsigned(blocks, offset + 4 + group / 2) >>> (4 * (group & 1)) & 15;
        float scale = d * ((low | (high >>> (2 * group) & 3) << 4) - 32);
        long quants = offset + 8 + 16L * group;
        Levels.NON_LINEAR.decodePairs(scale, blocks, quants, values, at + i + 32 * group);
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    float[] scales = new float[8];
    int[] nibbles = new int[32];
    for (int i = at; i < at + count; i += 256, offset += 136) {
      for (int group = 0; group < 8; group++) {
        scales[group] = LevelSearch.scale(values, i + 32 * group);
      }
      float d = -Range.farthest(scales, 0, 8) / 32;
      float inverse = d == 0 ? 0 : 1 / d;
      BlockBytes.setHalf(blocks, offset, d);
      int high = 0;
      int low = 0;
      for (int group = 0; group < 8; group++) {
        int s = Math.clamp(Rounding.wrapped(inverse * scales[group]), -32, 31);
        LevelSearch.nibbles(d * s, values, i + 32 * group, nibbles);
        Levels.writePairs(nibbles, blocks, offset + 8 + 16L * group);
        low |= ((s + 32) & 15) << (4 * group);
        high |= ((s + 32) >>> 4) << (2 * group);
      }
      BlockBytes.setByte(blocks, offset + 2, high);
      BlockBytes.setByte(blocks, offset + 3, high >>> 8);
      for (int pair = 0; pair < 4; pair++) {
        BlockBytes.setByte(blocks, offset + 4 + pair, low >>> (8 * pair));
      }
    }
  }
}
