package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of six bits in sixteen groups of 16, each with a scale of eight bits: `value = d s
/// (q - 32)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 128 bytes of low nibbles: byte 64 h + l, l < 64, holds values 128 h + l (low) and 128 h + l + 64 (high) |
/// | 128 | 64 bytes of high pairs: byte 32 h + l holds values 128 h + l + 0, 32, 64, 96, lowest bits first |
/// | 192 | s, 16 signed bytes |
/// | 208 | d, half |
final class Q6_K implements BlockFormat {
  @Override
  public GgmlType type() {
    return GgmlType.Q6_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 210) {
      float d = BlockBytes.half(blocks, offset + 208);
      for (int group = 0; group < 16; group++) {
        float scale = d * BlockBytes.signed(blocks, offset + 192 + group);
        int half = group >>> 3;
        long lows = offset + half * 64L + (group & 3) * 16L;
        long highs = offset + 128 + half * 32L + (group & 1) * 16L;
        int lowShift = (group >>> 2 & 1) * 4;
        int highShift = (group >>> 1 & 3) * 2;
        for (int j = 0; j < 16; j++) {
          int low = BlockBytes.unsigned(blocks, lows + j) >>> lowShift & 15;
          int high = BlockBytes.unsigned(blocks, highs + j) >>> highShift & 3;
          values[at + i + group * 16 + j] = scale * ((low | high << 4) - 32);
        }
      }
    }
  }
}
