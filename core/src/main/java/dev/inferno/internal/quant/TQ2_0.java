package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of two bits, meant for -1, 0 and 1, and their scale: `value = d (q - 1)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 64 bytes: byte 32 h + l holds values 128 h + l + 0, 32, 64, 96, lowest bits first |
/// | 64 | d, half |
final class TQ2_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.TQ2_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 66) {
      float d = BlockBytes.half(blocks, offset + 64);
      for (int j = 0; j < 256; j++) {
        int packed = BlockBytes.unsigned(blocks, offset + j / 128 * 32L + j % 32);
        values[at + i + j] = ((packed >>> (j % 128 / 32 * 2) & 3) - 1) * d;
      }
    }
  }
}
