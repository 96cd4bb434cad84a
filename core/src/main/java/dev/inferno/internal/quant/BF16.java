package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// The upper 16 bits of a single-precision float.
final class BF16 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.BF16;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i++) {
      values[at + i] = Float.intBitsToFloat(BlockBytes.bits16(blocks, offset + 2L * i) << 16);
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = 0; i < count; i++) {
      blocks.set(BlockBytes.SHORT, offset + 2L * i, nearest(values[at + i]));
    }
  }

  /// The nearest number, of two that are as near the even one.
  private static short nearest(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40); // quiet, and no infinity where the lower half is lost
    }
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }
}
