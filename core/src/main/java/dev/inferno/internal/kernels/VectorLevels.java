package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;

import dev.inferno.internal.quant.Levels;
import jdk.incubator.vector.IntVector;

/// What sixteen nibbles stand for, as tables that lanes choose from: the bits of floats, which need
/// no conversion then. One vector has all of them where it has 16 lanes; with 8 lanes it takes two.
final class VectorLevels {
  private VectorLevels() {}

  /// Those of the nibbles from 0 on, as many as there are lanes.
  static IntVector first(Levels levels) {
    return table(levels, 0);
  }

  /// Those of the nibbles from 8 on, for 8 lanes.
  static IntVector second(Levels levels) {
    return table(levels, LANES > 8 ? 0 : 8);
  }

  private static IntVector table(Levels levels, int from) {
    int[] bits = new int[LANES];
    for (int i = 0; i < LANES; i++) {
      bits[i] = Float.floatToRawIntBits(levels.at(from + i));
    }
    return IntVector.fromArray(INTS, bits, 0);
  }
}
