package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 8 from a codebook of 1024, with 8 signs, and a scale of four bits for
/// 16: `value = d (s + 1/2) / 4 times the codebook's`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 32 bytes, per group: the lower 8 bits of its place in the codebook |
/// | 34 | 32 bytes, per group: the signs, 1 is negative |
/// | 66 | 8 bytes, 2 bits per group, lowest first: the upper bits of its place |
/// | 74 | 8 bytes: byte j holds s of values 32 j (low nibble) and 32 j + 16 (high nibble) |
final class IQ2_S implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq2_s", 8);

  @Override
  public GgmlType type() {
    return GgmlType.IQ2_S;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 82) {
      float d = BlockBytes.half(blocks, offset);
      for (int group = 0; group < 32; group++) {
        int s = BlockBytes.unsigned(blocks, offset + 74 + group / 4) >>> ((group & 2) * 2) & 15;
        float scale = d * (0.5f + s) * 0.25f;
        int high = BlockBytes.unsigned(blocks, offset + 66 + group / 4) >>> (group % 4 * 2) & 3;
        int place = BlockBytes.unsigned(blocks, offset + 2 + group) | high << 8;
        int signs = BlockBytes.unsigned(blocks, offset + 34 + group);
        CODEBOOK.signed(place, signs, scale, values, at + i + 8 * group);
      }
    }
  }
}
