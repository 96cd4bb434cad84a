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
final class Q5_K implements BlockFormat {
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
}
