package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 4 from a codebook of 512, with their signs, and a scale of four bits
/// for 32: `value = d (2 s + 1) times the codebook's`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | 64 bytes, per group: the lower 8 bits of its place in the codebook |
/// | 66 | 8 bytes, 1 bit per group, lowest first: the upper bit of its place |
/// | 74 | 32 bytes, 1 bit per value, lowest first: 1 is negative |
/// | 106 | 4 bytes: byte j holds s of values 64 j (low nibble) and 64 j + 32 (high nibble) |
final class IQ3_S implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq3_s", 4);

  @Override
  public GgmlType type() {
    return GgmlType.IQ3_S;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 110) {
      float d = BlockBytes.half(blocks, offset);
      for (int group = 0; group < 64; group++) {
        int s = BlockBytes.unsigned(blocks, offset + 106 + group / 16) >>> ((group & 8) / 2) & 15;
        float scale = d * (1 + 2 * s);
        int high = BlockBytes.unsigned(blocks, offset + 66 + group / 8) >>> (group % 8) & 1;
        int place = BlockBytes.unsigned(blocks, offset + 2 + group) | high << 8;
        int signs = BlockBytes.unsigned(blocks, offset + 74 + group / 2) >>> (4 * (group & 1));
        CODEBOOK.signed(place, signs, scale, values, at + i + 4 * group);
      }
    }
  }
}
