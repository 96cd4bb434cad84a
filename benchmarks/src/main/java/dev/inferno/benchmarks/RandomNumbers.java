package dev.inferno.benchmarks;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.kernels.Rows;
import java.util.SplittableRandom;

/// Numbers to compute with, the same in every run. For one thread at a time.
record RandomNumbers(SplittableRandom random) {

  static RandomNumbers seeded(long seed) {
    return new RandomNumbers(new SplittableRandom(seed));
  }

  /// Floats of the normal distribution.
  float[] floats(int count) {
    float[] floats = new float[count];
    fill(floats);
    return floats;
  }

  /// Rows of such floats, long or short by their number.
  Rows rows(int count, int width) {
    Rows rows = new Rows(count, width).resize(count, count > Rows.SHORT_SEGMENT ? count : 0);
    fill(rows.data());
    return rows;
  }

  private void fill(float[] floats) {
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) random.nextGaussian();
    }
  }

  /// Numbers from 0 to `bound` - 1.
  int[] integers(int count, int bound) {
    return random.ints(count, 0, bound).toArray();
  }

  /// The blocks of `count` values of any type.
  ///
  /// All bytes are random, but every odd one has the upper exponent bits of a small number:
  /// wherever a format has a float of 16 or 32 bits, it is finite and not subnormal, and so is what
  /// comes of it; the exceptional cases are slow on some machines.
  byte[] blocks(GgmlType type, long count) {
    byte[] blocks = new byte[Math.toIntExact(type.bytes(count))];
    random.nextBytes(blocks);
    for (int i = 1; i < blocks.length; i += 2) {
      blocks[i] = (byte) ((blocks[i] & 0x83) | 0x2C);
    }
    if (type == GgmlType.MXFP4) { // begins with a power of two of its own, from 2^-127 on
      for (int i = 0; i < blocks.length; i += type.blockBytes()) {
        blocks[i] = (byte) ((blocks[i] & 0x03) | 0x7C);
      }
    }
    return blocks;
  }
}
