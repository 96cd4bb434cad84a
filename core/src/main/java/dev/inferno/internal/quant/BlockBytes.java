package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// How the fields of a block are read and written: little-endian, at any address.
public final class BlockBytes {
  /// 16 bits at any address.
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// 32 bits at any address.
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// A single-precision number at any address.
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private BlockBytes() {}

  /// The byte at `offset`, -128 to 127.
  public static int signed(MemorySegment blocks, long offset) {
    return blocks.get(ValueLayout.JAVA_BYTE, offset);
  }

  /// The byte at `offset`, 0 to 255.
  public static int unsigned(MemorySegment blocks, long offset) {
    return blocks.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
  }

  /// The 16 bits at `offset`.
  public static short bits16(MemorySegment blocks, long offset) {
    return blocks.get(SHORT, offset);
  }

  /// The 32 bits at `offset`.
  public static int bits32(MemorySegment blocks, long offset) {
    return blocks.get(INT, offset);
  }

  /// The 64 bits at `offset`.
  static long bits64(MemorySegment blocks, long offset) {
    return blocks.get(LONG, offset);
  }

  /// The IEEE double-precision number at `offset`.
  static double doublePrecision(MemorySegment blocks, long offset) {
    return blocks.get(DOUBLE, offset);
  }

  /// The IEEE half-precision number at `offset`, which is how most formats store their scales.
  public static float half(MemorySegment blocks, long offset) {
    return Float.float16ToFloat(blocks.get(SHORT, offset));
  }

  /// The IEEE single-precision number at `offset`.
  public static float single(MemorySegment blocks, long offset) {
    return blocks.get(FLOAT, offset);
  }

  /// Writes the low eight bits of `value`.
  static void setByte(MemorySegment blocks, long offset, int value) {
    blocks.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  /// Writes the nearest IEEE half-precision number.
  static void setHalf(MemorySegment blocks, long offset, float value) {
    blocks.set(SHORT, offset, Float.floatToFloat16(value));
  }
}
