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

  /// The scale of a group, 0 to 63.
  public static int scale(MemorySegment blocks, long pairs, int group) {
    return group < 4
        ? BlockBytes.unsigned(blocks, pairs + group) & 63
        : (BlockBytes.unsigned(blocks, pairs + 4 + group) & 15)
            | BlockBytes.unsigned(blocks, pairs + group - 4) >>> 6 << 4;
  }

  /// The minimum of a group, 0 to 63.
  public static int minimum(MemorySegment blocks, long pairs, int group) {
    return group < 4
        ? BlockBytes.unsigned(blocks, pairs + 4 + group) & 63
        : BlockBytes.unsigned(blocks, pairs + 4 + group) >>> 4
            | BlockBytes.unsigned(blocks, pairs + group) >>> 6 << 4;
  }
}
