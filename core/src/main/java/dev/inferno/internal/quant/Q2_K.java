package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of two bits in sixteen groups of 16, each with a scale and a minimum of four bits:
/// `value = d s q - dmin m`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 16 bytes, one per group: s (low nibble) and m (high nibble) |
/// | 16 | 64 bytes: byte 32 h + l holds values 128 h + l + 0, 32, 64, 96, lowest bits first |
/// | 80 | d, half |
/// | 82 | dmin, half |
final class Q2_K implements BlockEncoder {
  /// How many blocks are searched at once.
  private static final int SEARCHED = AffineSearch.GROUPS / 16;

  @Override
  public GgmlType type() {
    return GgmlType.Q2_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 84) {
      float d = BlockBytes.half(blocks, offset + 80);
      float dmin = BlockBytes.half(blocks, offset + 82);
      for (int group = 0; group < 16; group++) {
        int packed = BlockBytes.unsigned(blocks, offset + group);
        float scale = d * (packed & 15);
        float minimum = dmin * (packed >>> 4);
        long quants = offset + 16 + (group >>> 3) * 32L + (group & 1) * 16L;
        int shift = (group >>> 1 & 3) * 2;
        for (int j = 0; j < 16; j++) {
          int q = BlockBytes.unsigned(blocks, quants + j) >>> shift & 3;
          values[at + i + group * 16 + j] = scale * q - minimum;
        }
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    var search = new AffineSearch(16, AffineSearch.Weighting.MAGNITUDES, 3, -0.5f, 16);
    int[] packed = new int[16];
    int[] quants = new int[256];
    for (int block = 0; block < count / 256; block++, offset += 84) {
      int first = block % SEARCHED * 16;
      if (first == 0) {
        int ahead = Math.min(SEARCHED, count / 256 - block);
        search.run(values, at + block * 256, ahead * 16);
      }
      float scale = 0;
      float minimum = 0;
      for (int group = first; group < first + 16; group++) {
        scale = Math.max(scale, search.scale(group));
        minimum = Math.max(minimum, search.minimum(group));
      }
      for (int group = 0; group < 16; group++) {
        int s = fourBits(search.scale(first + group), scale);
        int m = fourBits(search.minimum(first + group), minimum);
        packed[group] = (s | m << 4) & 0xFF;
        BlockBytes.setByte(blocks, offset + group, packed[group]);
      }
      BlockBytes.setHalf(blocks, offset + 80, scale / 15);
      BlockBytes.setHalf(blocks, offset + 82, minimum / 15);
      float d = BlockBytes.half(blocks, offset + 80);
      float dmin = BlockBytes.half(blocks, offset + 82);
      for (int i = 0; i < 256; i++) {
        float seen = d * (packed[i / 16] & 15);
        float x = values[at + block * 256 + i];
        quants[i] =
            seen == 0
                ? search.quant(first + i / 16, i % 16)
                : Rounding.nearest((x + dmin * (packed[i / 16] >>> 4)) / seen, 3);
      }
      TwoBits.write(quants, blocks, offset + 16);
    }
  }

  private static int fourBits(float number, float most) {
    return most > 0 ? Rounding.wrapped(15 / most * number) : 0;
  }
}
