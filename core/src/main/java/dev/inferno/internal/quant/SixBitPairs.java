package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;

/// The twelve bytes in which Q4_K and Q5_K keep a scale and a minimum of six bits for each of eight
/// groups.
///
/// Bytes 0 to 3 hold the scales of groups 0 to 3 in their low six bits, bytes 4 to 7 their minima.
/// Byte 8 + g holds the low nibbles of scale and minimum of group 4 + g; their high two bits lie in
/// the high two bits of bytes g and 4 + g.
public final class SixBitPairs {
  private SixBitPairs() {}

  /// The eight scales, 0 to 63, that of group g in byte g.
  public static long scales(MemorySegment blocks, long pairs) {
    int first = BlockBytes.bits32(blocks, pairs);
    int last = BlockBytes.bits32(blocks, pairs + 8);
    return eight(first, last & 0x0F0F0F0F);
  }

  /// The eight minima, 0 to 63, that of group g in byte g.
  public static long minima(MemorySegment blocks, long pairs) {
    int first = BlockBytes.bits32(blocks, pairs + 4);
    int last = BlockBytes.bits32(blocks, pairs + 8);
    return eight(first, (last >>> 4) & 0x0F0F0F0F);
  }

  /// The number of group g, out of all eight.
  public static int of(long eight, int group) {
    return (int) (eight >>> (8 * group)) & 63;
  }

  private static long eight(int first, int lowNibbles) {
    int last = lowNibbles | ((first >>> 2) & 0x30303030);
    return (first & 0x3F3F3F3FL) | (long) last << 32;
  }

  /// Writes eight scales and eight minima, 0 to 63.
  static void write(MemorySegment blocks, long pairs, int[] scales, int[] minima) {
    for (int group = 0; group < 4; group++) {
      int scale = scales[group + 4];
      int minimum = minima[group + 4];
      BlockBytes.setByte(blocks, pairs + group, scales[group] | scale >>> 4 << 6);
      BlockBytes.setByte(blocks, pairs + 4 + group, minima[group] | minimum >>> 4 << 6);
      BlockBytes.setByte(blocks, pairs + 8 + group, (scale & 15) | (minimum & 15) << 4);
    }
  }
}
