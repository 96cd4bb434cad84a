package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of five bits in eight groups of 32, each with a scale and a minimum of six bits:
/// `value = d s q - dmin m`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | dmin, half |
/// | 4 | 12 bytes of scales and minima, see {@link SixBitPairs} |
/// | 16 | 32 bytes of fifth bits: bit g of byte l belongs to value 32 g + l |
/// | 48 | 128 bytes: byte 32 p + l holds value 64 p + l (low nibble) and 64 p + l + 32 (high nibble) |
final class Q5_K implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q5_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 176) {
      float d = BlockBytes.half(blocks, offset);
      float dmin = BlockBytes.half(blocks, offset + 2);
      long scales = SixBitPairs.scales(blocks, offset + 4);
      long minima = SixBitPairs.minima(blocks, offset + 4);
      for (int group = 0; group < 8; group++) {
        float scale = d * SixBitPairs.of(scales, group);
        float minimum = dmin * SixBitPairs.of(minima, group);
        long quants = offset + 48 + (group >>> 1) * 32L;
        int shift = (group & 1) * 4;
        for (int j = 0; j < 32; j++) {
          int low = BlockBytes.unsigned(blocks, quants + j) >>> shift & 15;
          int fifth = BlockBytes.unsigned(blocks, offset + 16 + j) >>> group & 1;
          values[at + i + group * 32 + j] = scale * (low | fifth << 4) - minimum;
        }
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    var groups = new SixBitGroups(values, at, count, 31, -0.5f, 16);
    for (int block = 0; block < count / 256; block++, offset += 176) {
      int[] quants = groups.encode(block, blocks, offset);
      for (int j = 0; j < 32; j++) {
        int fifths = 0;
        for (int group = 0; group < 8; group++) {
          fifths |= quants[32 * group + j] >>> 4 << group;
        }
        BlockBytes.setByte(blocks, offset + 16 + j, fifths);
        for (int pair = 0; pair < 4; pair++) {
          int low = quants[64 * pair + j] & 15;
          int high = quants[64 * pair + j + 32] & 15;
          BlockBytes.setByte(blocks, offset + 48 + 32L * pair + j, low | high << 4);
        }
      }
    }
  }
}
