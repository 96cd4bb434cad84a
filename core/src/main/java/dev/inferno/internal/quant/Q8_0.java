package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 32 signed bytes and their scale: `value = d q`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | d, half |
/// | 2 | q, 32 signed bytes |
final class Q8_0 implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q8_0;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 32, offset += 34) {
      float d = BlockBytes.half(blocks, offset);
      for (int j = 0; j < 32; j++) {
        values[at + i + j] = BlockBytes.signed(blocks, offset + 2 + j) * d;
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    for (int i = at; i < at + count; i += 32, offset += 34) {
      float d = Math.abs(Range.farthest(values, i, 32)) / 127;
      float inverse = d == 0 ? 0 : 1 / d;
      BlockBytes.setHalf(blocks, offset, d);
      for (int j = 0; j < 32; j++) {
        BlockBytes.setByte(blocks, offset + 2 + j, rounded(values[i + j] * inverse));
      }
    }
  }

  /// The nearest integer, of two that are as near the one farther from zero.
  private static int rounded(float x) {
    float magnitude = Math.abs(x);
    int whole = (int) magnitude;
    int nearest = magnitude - whole >= 0.5f ? whole + 1 : whole; // adding 0.5 would round itself
    return x < 0 ? -nearest : nearest;
  }
}
