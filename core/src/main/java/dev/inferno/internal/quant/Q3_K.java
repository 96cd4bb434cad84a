package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of three bits in sixteen groups of 16, each with a scale of six bits: `value = d (s
/// -
///   32) (q - 4)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 32 bytes of third bits: bit b of byte l belongs to value 32 b + l |
/// | 32 | 64 bytes: byte 32 h + l holds values 128 h + l + 0, 32, 64, 96, lowest bits first |
/// | 96 | 12 bytes of scales, see {@link Q3Scales} |
/// | 108 | d, half |
final class Q3_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q3_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 110) {
      float d = BlockBytes.half(blocks, offset + 108);
      for (int group = 0; group < 16; group++) {
        float scale = d * (Q3Scales.of(blocks, offset + 96, group) - 32);
        long thirds = offset + (group & 1) * 16L;
        long quants = offset + 32 + (group >>> 3) * 32L + (group & 1) * 16L;
        int shift = (group >>> 1 & 3) * 2;
        for (int j = 0; j < 16; j++) {
          int low = BlockBytes.unsigned(blocks, quants + j) >>> shift & 3;
          int third = BlockBytes.unsigned(blocks, thirds + j) >>> (group >>> 1) & 1;
          values[at + i + group * 16 + j] = scale * ((low | (third << 2)) - 4);
        }
      }
    }
  }
}
