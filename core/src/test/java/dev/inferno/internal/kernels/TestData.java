package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/// Numbers to compute with; what it prints says how to get the same again.
record TestData(long seed, SplittableRandom random) {

  static TestData seeded(long seed) {
    return new TestData(seed, new SplittableRandom(seed));
  }

  /// Floats around zero.
  float[] floats(int n) {
    float[] floats = new float[n];
    for (int i = 0; i < n; i++) {
      floats[i] = (float) random.nextGaussian();
    }
    return floats;
  }

  /// Whole numbers of -3 to 3, sums of whose products are exact in whatever order.
  float[] integers(int n) {
    float[] floats = new float[n];
    for (int i = 0; i < n; i++) {
      floats[i] = random.nextInt(7) - 3;
    }
    return floats;
  }

  /// Random blocks of `count` values, none of them large or not finite.
  MemorySegment blocks(BlockFormat format, int count) {
    return blocks(format, count, false);
  }

  /// Random blocks of `count` values that are small multiples of a power of two.
  MemorySegment exactBlocks(BlockFormat format, int count) {
    return blocks(format, count, true);
  }

  private MemorySegment blocks(BlockFormat format, int count, boolean exact) {
    long bytes = format.type().bytes(count);
    MemorySegment blocks = Arena.ofAuto().allocate(bytes);
    int size = format.type().blockBytes();
    for (long at = 0; at < bytes; at += size) {
      MemorySegment block = blocks.asSlice(at, size);
      for (int i = 0; i < size; i++) {
        block.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(256));
      }
      switch (format.type()) {
        case F32 -> block.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, number(exact));
        case F16 -> half(block, 0, number(exact));
        case BF16 ->
            block.set(
                ValueLayout.JAVA_SHORT_UNALIGNED,
                0,
                (short) (Float.floatToRawIntBits(number(exact)) >>> 16));
        case F64 -> block.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, 0, number(exact));
        case I8 -> block.set(ValueLayout.JAVA_BYTE, 0, (byte) number(true));
        case I16 -> block.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) number(true));
        case I32 -> block.set(ValueLayout.JAVA_INT_UNALIGNED, 0, (int) number(true));
        case I64 -> block.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, (long) number(true));
        case Q4_0,
            Q5_0,
            Q8_0,
            Q1_0,
            Q2_0,
            IQ1_S,
            IQ2_XXS,
            IQ2_XS,
            IQ2_S,
            IQ3_XXS,
            IQ3_S,
            IQ4_NL,
            IQ4_XS ->
            half(block, 0, scale(exact));
        case IQ1_M -> {
          int bits = Float.floatToFloat16(scale(exact));
          for (int word = 0; word < 4; word++) {
            int high = 49 + 2 * word;
            int scales = block.get(ValueLayout.JAVA_BYTE, high) & 15;
            int nibble = bits >>> (4 * word) & 15;
            block.set(ValueLayout.JAVA_BYTE, high, (byte) (scales | nibble << 4));
          }
        }
        case TQ1_0 -> half(block, 52, scale(exact));
        case TQ2_0 -> half(block, 64, scale(exact));
        case MXFP4 -> block.set(ValueLayout.JAVA_BYTE, 0, (byte) (126 + random.nextInt(3)));
        case NVFP4 -> {
          for (int group = 0; group < 4; group++) {
            block.set(ValueLayout.JAVA_BYTE, group, (byte) (0x30 + random.nextInt(16)));
          }
        }
        case Q4_1, Q5_1, Q4_K, Q5_K -> {
          half(block, 0, scale(exact));
          half(block, 2, scale(exact));
        }
        case Q2_K -> {
          half(block, 80, scale(exact));
          half(block, 82, scale(exact));
        }
        case Q3_K -> half(block, 108, scale(exact));
        case Q6_K -> half(block, 208, scale(exact));
        default ->
            throw new IllegalArgumentException("say where the scales are in " + format.type());
      }
    }
    return blocks;
  }

  private float number(boolean exact) {
    return exact ? random.nextInt(7) - 3 : (float) random.nextGaussian();
  }

  private float scale(boolean exact) {
    return exact ? random.nextInt(3) - 1 : (float) random.nextDouble(-0.01, 0.01);
  }

  private static void half(MemorySegment block, long offset, float value) {
    block.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset, Float.floatToFloat16(value));
  }

  @Override
  public String toString() {
    return "seed " + seed;
  }
}
