package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// 256 numbers of three bits in sixteen groups of 16, each with a scale of six bits: `value = d (s
/// -
///   32) (q - 4)`.
///
/// | bytes | field |
/// |---|---|
/// | 0 | 32 bytes of third bits: bit b of byte l belongs to value 32 b + l |
/// | 32 | 64 bytes: byte 32 h + l holds values 128 h + l + 0, 32, 64, 96, lowest bits first |
/// | 96 | 12 bytes of scales, see {@link Q3Scales} |
/// | 108 | d, half |
final class Q3_K implements BlockEncoder {
  @Override
  public GgmlType type() {
    return GgmlType.Q3_K;
  }

  @Override
  public void decode(MemorySegment blocks, long offset, float[] values, int at, int count) {
    for (int i = 0; i < count; i += 256, offset += 110) {
      float d = BlockBytes.half(blocks, offset + 108);
      for (int group = 0; group < 16; group++) {
        float scale = d * (Q3Scales.of(blocks, offset + 96, group) - 32);
        long thirds = offset + (group & 1) * 16L;
        long quants = offset + 32 + (group >>> 3) * 32L + (group & 1) * 16L;
        int shift = (group >>> 1 & 3) * 2;
        for (int j = 0; j < 16; j++) {
          int low = BlockBytes.unsigned(blocks, quants + j) >>> shift & 3;
          int third = BlockBytes.unsigned(blocks, thirds + j) >>> (group >>> 1) & 1;
          values[at + i + group * 16 + j] = scale * ((low | (third << 2)) - 4);
        }
      }
    }
  }

  @Override
  public void encode(float[] values, int at, int count, MemorySegment blocks, long offset) {
    float[] scales = new float[16];
    int[] sixBits = new int[16];
    int[] quants = new int[256];
    for (int i = at; i < at + count; i += 256, offset += 110) {
      for (int group = 0; group < 16; group++) {
        scales[group] = DescentSearch.run(values, i + 16 * group, quants, 16 * group);
      }
      float farthest = Range.farthest(scales, 0, 16);
      float inverse = -32 / farthest;
      for (int group = 0; group < 16; group++) {
        int s =
            farthest == 0 ? -32 : Math.clamp(Rounding.wrapped(inverse * scales[group]), -32, 31);
        sixBits[group] = s + 32;
      }
      Q3Scales.write(blocks, offset + 96, sixBits);
      BlockBytes.setHalf(blocks, offset + 108, farthest == 0 ? 0 : 1 / inverse);
      round(values, i, BlockBytes.half(blocks, offset + 108), sixBits, quants);
      write(quants, blocks, offset);
    }
  }

  /// Six bits and a half are not what was searched for: rounds by what a reader will see.
  private static void round(float[] values, int at, float d, int[] sixBits, int[] quants) {
    for (int group = 0; group < 16; group++) {
      float scale = d * (sixBits[group] - 32);
      for (int i = 16 * group; scale != 0 && i < 16 * group + 16; i++) {
        quants[i] = DescentSearch.quant(values[at + i] / scale) + 4;
      }
    }
  }

  private static void write(int[] quants, MemorySegment blocks, long offset) {
    for (int l = 0; l < 32; l++) {
      int thirds = 0;
      for (int bit = 0; bit < 8; bit++) {
        thirds |= quants[32 * bit + l] >>> 2 << bit;
      }
      BlockBytes.setByte(blocks, offset + l, thirds);
    }
    TwoBits.write(quants, blocks, offset + 32);
  }
}
