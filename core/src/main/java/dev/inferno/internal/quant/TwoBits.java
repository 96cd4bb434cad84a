package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;

/// The 64 bytes in which Q2_K and Q3_K keep the low two bits of 256 numbers: byte 32 h + l holds
/// those of 128 h + l + 0, 32, 64, 96, lowest bits first.
final class TwoBits {
  private TwoBits() {}

  /// Writes the low two bits of each.
  static void write(int[] quants, MemorySegment blocks, long offset) {
    for (int half = 0; half < 2; half++) {
      for (int l = 0; l < 32; l++) {
        int four = 0;
        for (int i = 0; i < 4; i++) {
          four |= (quants[128 * half + 32 * i + l] & 3) << (2 * i);
        }
        BlockBytes.setByte(blocks, offset + 32L * half + l, four);
      }
    }
  }
}
