package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;

/// What the sixteen nibbles stand for in a format whose steps are uneven. Immutable.
public final class Levels {
  /// ggml's levels of IQ4_NL and IQ4_XS, dense around zero.
  public static final Levels NON_LINEAR =
      new Levels(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);

  /// Twice the floats of four bits (E2M1), which makes them whole numbers. There is no -0.
  public static final Levels FLOAT4_TWICE =
      new Levels(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

  private final float[] levels;

  private Levels(float... levels) {
    this.levels = levels;
  }

  /// What a nibble stands for.
  public float at(int nibble) {
    return levels[nibble];
  }

  /// The nibble of the level that is nearest to a number; of levels that rise, and of two as near
  /// ones the greater.
  int nearestRising(float x) {
    if (x <= levels[0]) {
      return 0;
    }
    int above = 1;
    while (above < levels.length - 1 && x >= levels[above]) {
      above++;
    }
    return x - levels[above - 1] < levels[above] - x ? above - 1 : above;
  }

  /// The nibble of the level that is nearest to a number when it is scaled; of as near ones the
  /// first.
  int nearest(float scale, float x) {
    int nearest = 0;
    for (int nibble = 1; nibble < levels.length; nibble++) {
      if (Math.abs(levels[nibble] * scale - x) < Math.abs(levels[nearest] * scale - x)) {
        nearest = nibble;
      }
    }
    return nearest;
  }

  /// Decodes 32 values: byte j holds value j (low nibble) and value j + 16 (high nibble).
  void decodePairs(float scale, MemorySegment blocks, long offset, float[] values, int at) {
    for (int j = 0; j < 16; j++) {
      int pair = BlockBytes.unsigned(blocks, offset + j);
      values[at + j] = scale * levels[pair & 15];
      values[at + j + 16] = scale * levels[pair >>> 4];
    }
  }

  /// Writes the nibbles of 32 values in that order.
  static void writePairs(int[] nibbles, MemorySegment blocks, long offset) {
    for (int j = 0; j < 16; j++) {
      BlockBytes.setByte(blocks, offset + j, nibbles[j] | nibbles[j + 16] << 4);
    }
  }
}
