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
final class Q6_K implements BlockEncoder {
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

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    var search = new LinearSearch();
    var scales = new float[16];
    var quants = new int[256];
    for (int i = at; i < at + count; i += 256, offset += 210) {
      for (int group = 0; group < 16; group++) {
        scales[group] = search.run(values, i + 16 * group, quants, i);
      }
      float farthest = Range.farthest(scales, 0, 16);
      if (Math.abs(farthest) < LinearSearch.NOTHING) {
        blocks.asSlice(offset, 210).fill((byte) 0);
        continue;
      }
      float inverse = -128 / farthest; // of the scales' own scale
      BlockBytes.setHalf(blocks, offset + 208, 1 / inverse);
      for (int group = 0; group < 16; group++) {
        int scale = Math.min(127, (int) Rounding.nearest(inverse * scales[group]));
        BlockBytes.setByte(blocks, offset + 192 + group, scale);
        float d = BlockBytes.half(blocks, offset + 208) * scale;
        for (int j = 16 * group; d != 0 && j < 16 * (group + 1); j++) {
          quants[j] = LinearSearch.quant(values[i + j] / d);
        }
      }
      pack(quants, blocks, offset);
    }
  }

  private static void pack(int[] quants, MemorySegment blocks, long offset) {
    for (int half = 0; half < 2; half++) {
      for (int j = 0; j < 32; j++) {
        int first = quants[128 * half + j];
        int second = quants[128 * half + j + 32];
        int third = quants[128 * half + j + 64];
        int fourth = quants[128 * half + j + 96];
        long lows = offset + 64L * half + j;
        BlockBytes.setByte(blocks, lows, (first & 15) | (third & 15) << 4);
        BlockBytes.setByte(blocks, lows + 32, (second & 15) | (fourth & 15) << 4);
        int highs = first >>> 4 | second >>> 4 << 2 | third >>> 4 << 4 | fourth >>> 4 << 6;
        BlockBytes.setByte(blocks, offset + 128 + 32L * half + j, highs);
      }
    }
  }
}
