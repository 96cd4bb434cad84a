package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 8 from a codebook of 256, with 7 bits for their signs, and a scale of
/// four bits for 32: `value = d (s + 1/2) / 4 times the codebook's`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 8 times 8 bytes, for 32 values each: 4 places in the codebook, then 32 bits with 7 for the signs of each, lowest first, and s above |
final class IQ2_XXS implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq2_xxs", 8);

  @Override
  public GgmlType type() {
    return GgmlType.IQ2_XXS;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 66) {
      float d = BlockBytes.half(blocks, offset);
      for (int part = 0; part < 8; part++) {
        long places = offset + 2 + 8L * part;
        int bits = BlockBytes.bits32(blocks, places + 4);
        float scale = d * (0.5f + (bits >>> 28)) * 0.25f;
        for (int j = 0; j < 4; j++) {
          int place = BlockBytes.unsigned(blocks, places + j);
          int signs = Codebook.evenSigns(bits >>> (7 * j) & 127);
          CODEBOOK.signed(place, signs, scale, values, at + i + 32 * part + 8 * j);
        }
      }
    }
  }
}
