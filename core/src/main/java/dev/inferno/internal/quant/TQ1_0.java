package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of -1, 0 and 1, five a byte, and their scale: `value = d (t - 1)`.
///
/// A byte is a fraction of 256, its digits in base three: times `3^n` and without what is then
/// above one, the next digit is how many thirds there are.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 32 bytes: byte l holds values l + 0, 32, 64, 96, 128 |
/// | 32 | 16 bytes: byte l holds values 160 + l + 0, 16, 32, 48, 64 |
/// | 48 | 4 bytes: byte l holds values 240 + l + 0, 4, 8, 12 |
/// | 52 | d, half |
final class TQ1_0 implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.TQ1_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 54) {
      float d = BlockBytes.half(blocks, offset + 52);
      digits(blocks, offset, 32, 5, d, values, at + i);
      digits(blocks, offset + 32, 16, 5, d, values, at + i + 160);
      digits(blocks, offset + 48, 4, 4, d, values, at + i + 240);
    }
  }

  private static void digits(
      MemorySegment blocks, long offset, int bytes, int digits, float d, float[] values, int at) {
    for (int l = 0; l < bytes; l++) {
      int rest = BlockBytes.unsigned(blocks, offset + l);
      for (int n = 0; n < digits; n++) {
        values[at + n * bytes + l] = (((rest * 3) >>> 8) - 1) * d;
        rest = (rest * 3) & 0xFF;
      }
    }
  }
}
