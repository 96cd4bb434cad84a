package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 8 from a codebook of 512, with 7 bits for their signs, and a scale of
/// four bits for 16: `value = d (s + 1/2) / 4 times the codebook's`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 32 times 16 bits, per group: 9 for the place in the codebook, 7 above for the signs |
/// | 66 | 8 bytes: byte j holds s of values 32 j (low nibble) and 32 j + 16 (high nibble) |
final class IQ2_XS implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq2_xs", 8);

  @Override
  public GgmlType type() {
    return GgmlType.IQ2_XS;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 74) {
      float d = BlockBytes.half(blocks, offset);
      for (int group = 0; group < 32; group++) {
        int s = BlockBytes.unsigned(blocks, offset + 66 + group / 4) >>> ((group & 2) * 2) & 15;
        float scale = d * (0.5f + s) * 0.25f;
        int bits = BlockBytes.bits16(blocks, offset + 2 + 2L * group) & 0xFFFF;
        int signs = Codebook.evenSigns(bits >>> 9);
        CODEBOOK.signed(bits & 511, signs, scale, values, at + i + 8 * group);
      }
    }
  }
}
