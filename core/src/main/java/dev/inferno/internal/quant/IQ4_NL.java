package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 nibbles that choose from sixteen levels, and their scale: `value = d level[q]`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 16 bytes: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class IQ4_NL implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.IQ4_NL;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 18) {
      Levels.NON_LINEAR.decodePairs(
          BlockBytes.half(blocks, offset), blocks, offset + 2, values, at + i);
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    int[] nibbles = new int[32];
    for (int i = at; i < at + count; i += 32, offset += 18) {
      float scale = LevelSearch.scale(values, i);
      BlockBytes.setHalf(blocks, offset, scale);
      LevelSearch.nibbles(scale, values, i, nibbles);
      Levels.writePairs(nibbles, blocks, offset + 2);
    }
  }
}
