package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 nibbles in eight groups of 32, each with a scale and a minimum of six bits: `value = d s q -
/// dmin m`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | dmin, half |
/// | 4 | 12 bytes of scales and minima, see {@link SixBitPairs} |
/// | 16 | 128 bytes: byte 32 p + l holds value 64 p + l (low nibble) and 64 p + l + 32 (high nibble) |
final class Q4_K implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q4_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 144) {
      float d = BlockBytes.half(blocks, offset);
      float dmin = BlockBytes.half(blocks, offset + 2);
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int group = 0; group < 8; group++) {
        float scale = d * SixBitPairs.of(scales, group);
        float minimum = dmin * SixBitPairs.of(minima, group);
        long quants = offset + 16 + (group >>> 1) * 32L;
        int shift = (group & 1) * 4;
        for (int j = 0; j < 32; j++) {
          int q = BlockBytes.unsigned(blocks, quants + j) >>> shift & 15;
          values[at + i + group * 32 + j] = scale * q - minimum;
        }
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    var groups = new SixBitGroups(values, at, count, 15, -1, 21);
    for (int block = 0; block < count / 256; block++, offset += 144) {
      int[] quants = groups.encode(block, blocks, offset);
      for (int pair = 0; pair < 4; pair++) {
        for (int j = 0; j < 32; j++) {
          int low = quants[64 * pair + j];
          int high = quants[64 * pair + j + 32];
          BlockBytes.setByte(blocks, offset + 16 + 32L * pair + j, low | high << 4);
        }
      }
    }
  }
}
