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
final class Q2_K implements BlockFormat {
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
}
