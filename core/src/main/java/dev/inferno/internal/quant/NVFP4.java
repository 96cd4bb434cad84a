package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 64 floats of four bits in four groups of 16, each with a scale that is a float of eight bits
/// without a sign (four of the exponent, three of the fraction): `value = d q`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 4 bytes: d of each group |
/// | 4 | 32 bytes, 8 per group: byte j holds value j (low nibble) and value j + 8 (high nibble) |
final class NVFP4 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.NVFP4;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 64, offset += 36) {
      for (int group = 0; group < 4; group++) {
        float half = halfOfScale(BlockBytes.unsigned(blocks, offset + group));
        for (int j = 0; j < 8; j++) {
          int pair = BlockBytes.unsigned(blocks, offset + 4 + 8L * group + j);
          int to = at + i + 16 * group + j;
          values[to] = Levels.FLOAT4_TWICE.at(pair & 15) * half;
          values[to + 8] = Levels.FLOAT4_TWICE.at(pair >>> 4) * half;
        }
      }
    }
  }

  /// Half of the scale, since the levels are twice what they stand for. NaN (0x7F) counts as 0, as
  /// in ggml, and the bit of the sign is looked at only there.
  private static float halfOfScale(int bits) {
    int exponent = bits >>> 3 & 15;
    int fraction = bits & 7;
    if (bits == 0x7F) {
      return 0;
    }
    return exponent == 0
        ? Math.scalb((float) fraction, -10)
        : Math.scalb((float) (8 + fraction), exponent - 11);
  }
}
