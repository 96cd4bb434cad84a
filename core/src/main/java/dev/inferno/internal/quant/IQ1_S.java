package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 8 from a codebook of 2048 with the values -1, 0 and 1, all 32 of a part
/// moved by an eighth up or down, and a scale of three bits for 32: `value = d (2 s + 1) (c +-
/// 1/8)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 32 bytes, per group: the lower 8 bits of its place in the codebook |
/// | 34 | 8 times 16 bits, for 32 values each: the upper 3 bits of its four groups' places, lowest first, s, and 1 for down |
final class IQ1_S implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq1", 8);

  @Override
  public GgmlType type() {
    return GgmlType.IQ1_S;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 50) {
      float d = BlockBytes.half(blocks, offset);
      for (int group = 0; group < 32; group++) {
        int bits = BlockBytes.bits16(blocks, offset + 34 + group / 4 * 2L);
        float scale = d * (2 * (bits >>> 12 & 7) + 1);
        float shift = bits < 0 ? -0.125f : 0.125f;
        int high = bits >>> (group % 4 * 3) & 7;
        int place = BlockBytes.unsigned(blocks, offset + 2 + group) | high << 8;
        CODEBOOK.shifted(place, shift, scale, values, at + i + 8 * group);
      }
    }
  }
}
