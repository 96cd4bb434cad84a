package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 4 from a codebook of 256, with 7 bits for the signs of 8, and a scale
/// of four bits for 32: `value = d (s + 1/2) / 2 times the codebook's`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 64 bytes, per group: its place in the codebook |
/// | 66 | 8 times 32 bits, for 32 values each: 7 for the signs of each 8, lowest first, and s above |
final class IQ3_XXS implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq3_xxs", 4);

  @Override
  public GgmlType type() {
    return GgmlType.IQ3_XXS;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 98) {
      float d = BlockBytes.half(blocks, offset);
      for (int group = 0; group < 64; group++) {
        int bits = BlockBytes.bits32(blocks, offset + 66 + group / 8 * 4L);
        float scale = d * (0.5f + (bits >>> 28)) * 0.5f;
        int signs = Codebook.evenSigns(bits >>> (7 * (group / 2 % 4)) & 127) >>> (4 * (group & 1));
        int place = BlockBytes.unsigned(blocks, offset + 2 + group);
        CODEBOOK.signed(place, signs, scale, values, at + i + 4 * group);
      }
    }
  }
}
