package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 floats of four bits (one of the sign, two of the exponent, one of the fraction) and a power
/// of two that scales them: `value = 2^(e - 127) q`, see the OCP Microscaling Formats specification
/// 1.0.
///
/// | bytes | field |
/// |---|---|
/// | 0 | e |
/// | 1 | 16 bytes: byte j holds value j (low nibble) and value j + 16 (high nibble) |
final class MXFP4 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.MXFP4;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 17) {
      float half = halfOfPower(BlockBytes.unsigned(blocks, offset));
      Levels.FLOAT4_TWICE.decodePairs(half, blocks, offset + 1, values, at + i);
    }
  }

  /// The largest magnitude becomes 4 to 8, of which what is more than 6 is cut off.
  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    int[] nibbles = new int[32];
    for (int i = at; i < at + count; i += 32, offset += 17) {
      float largest = Math.abs(Range.farthest(values, i, 32));
      int e = largest > 0 ? ((int) Math.floor(log2(largest)) + 125) & 0xFF : 0;
      BlockBytes.setByte(blocks, offset, e);
      for (int j = 0; j < 32; j++) {
        nibbles[j] = Levels.FLOAT4_TWICE.nearest(halfOfPower(e), values[i + j]);
      }
      Levels.writePairs(nibbles, blocks, offset + 1);
    }
  }

  /// Rounded to a float, as ggml has it: just below a power of two it is that of the power.
  private static float log2(float x) {
    return (float) (Math.log(x) / Math.log(2));
  }

  /// `2^(e - 128)`, since the levels are twice what they stand for. The specification's NaN, e of
  /// 255, is a number like the others, as in ggml.
  private static float halfOfPower(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x0020_0000 << e : (e - 1) << 23);
  }
}
