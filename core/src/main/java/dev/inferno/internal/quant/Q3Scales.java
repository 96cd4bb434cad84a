package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;

/// The twelve bytes in which Q3_K keeps a scale of six bits for each of sixteen groups.
///
/// The low four bits of group g's are nibble g / 8 of byte g mod 8, the high two bits pair g / 4 of
/// byte 8 + g mod 4.
public final class Q3Scales {
  private Q3Scales() {}

  /// The scale of a group, 0 to 63.
  public static int of(MemorySegment blocks, long scales, int group) {
    int low = BlockBytes.unsigned(blocks, scales + (group & 7)) >>> ((group >>> 3) * 4) & 15;
    int high = BlockBytes.unsigned(blocks, scales + 8 + (group & 3)) >>> ((group >>> 2) * 2) & 3;
    return low | high << 4;
  }

  /// Writes sixteen scales, 0 to 63.
  static void write(MemorySegment blocks, long scales, int[] sixBits) {
    for (int i = 0; i < 8; i++) {
      BlockBytes.setByte(blocks, scales + i, (sixBits[i] & 15) | (sixBits[i + 8] & 15) << 4);
    }
    for (int i = 0; i < 4; i++) {
      int high = 0;
      for (int quarter = 0; quarter < 4; quarter++) {
        high |= sixBits[4 * quarter + i] >>> 4 << (2 * quarter);
      }
      BlockBytes.setByte(blocks, scales + 8 + i, high);
    }
  }
}
