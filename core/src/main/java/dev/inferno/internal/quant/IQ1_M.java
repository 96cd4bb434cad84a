package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers in groups of 8 from the codebook of {@link IQ1_S}, each group moved by an eighth up
/// or down, and a scale of three bits for 16: `value = d (2 s + 1) (c +- 1/8)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 32 bytes, per group: the lower 8 bits of its place in the codebook |
/// | 32 | 16 bytes, a nibble per group, the even one low: the upper 3 bits of its place, and 1 for down |
/// | 48 | 4 times 16 bits: s of four times 16 values, lowest first, and above them four bits of d, a half, its lowest first |
final class IQ1_M implements BlockFormat {
  private static final Codebook CODEBOOK = new Codebook("iq1", 8);

  @Override
  public GgmlType type() {
    return GgmlType.IQ1_M;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 56) {
      float d = scale(blocks, offset + 48);
      for (int group = 0; group < 32; group++) {
        int scales = BlockBytes.bits16(blocks, offset + 48 + group / 8 * 2L);
        float scale = d * (2 * (scales >>> (group % 8 / 2 * 3) & 7) + 1);
        int nibble = BlockBytes.unsigned(blocks, offset + 32 + group / 2) >>> (4 * (group & 1));
        float shift = (nibble & 8) != 0 ? -0.125f : 0.125f;
        int place = BlockBytes.unsigned(blocks, offset + group) | (nibble & 7) << 8;
        CODEBOOK.shifted(place, shift, scale, values, at + i + 8 * group);
      }
    }
  }

  /// The half whose bits stand above the four words of scales.
  private static float scale(MemorySegment blocks, long offset) {
    int bits = 0;
    for (int word = 0; word < 4; word++) {
      bits |= (BlockBytes.bits16(blocks, offset + 2L * word) >>> 12 & 15) << (4 * word);
    }
    return Float.float16ToFloat((short) bits);
  }
}
