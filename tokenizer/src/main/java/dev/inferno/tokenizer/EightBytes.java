package dev.inferno.tokenizer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Eight bytes of a text at once, as one number whose lowest byte is the first. Most words have no
/// more, so that what is done with a word takes no loop, whose end no processor can foresee.
final class EightBytes {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /// To write one number into each byte: a product with this.
  private static final long EACH = 0x0101_0101_0101_0101L;

  private static final long HIGHEST_BITS = 0x8080_8080_8080_8080L;

  private EightBytes() {}

  /// The bytes from `from` to `to`, of which only the first eight count; zeros stand for those that
  /// are fewer.
  static long read(byte[] source, int from, int to) {
    int length = to - from;
    if (from <= source.length - Long.BYTES && length > 0) {
      long word = (long) LONGS.get(source, from);
      return length >= Long.BYTES ? word : word & ((1L << (Byte.SIZE * length)) - 1);
    }
    long word = 0;
    for (int i = 0; i < Math.min(length, Long.BYTES); i++) {
      word |= (source[from + i] & 0xFFL) << (Byte.SIZE * i);
    }
    return word;
  }

  /// A hash of all bytes from `from` to `to`.
  static int hash(byte[] source, int from, int to) {
    long hash = (long) to - from;
    for (int i = from; i < to; i += Long.BYTES) {
      hash = (hash ^ read(source, i, to)) * 0x9E37_79B9_7F4A_7C15L;
      hash ^= hash >>> 32;
    }
    return (int) hash;
  }

  /// Where the run of ASCII letters ends that begins at `from`, as far as whole groups of eight
  /// bytes tell; the rest is to be looked at one by one.
  static int lettersEnd(byte[] text, int from, int limit) {
    int end = from;
    while (end <= limit - Long.BYTES) {
      long others = ~letters((long) LONGS.get(text, end)) & HIGHEST_BITS;
      if (others != 0) {
        return end + Long.numberOfTrailingZeros(others) / Byte.SIZE;
      }
      end += Long.BYTES;
    }
    return end;
  }

  /// Each byte's highest bit says whether it is an ASCII letter.
  private static long letters(long word) {
    long small = (word | (0x20 * EACH)) & ~HIGHEST_BITS; // both cases in one, and room for a carry
    long notBefore = small + (0x80 - 'a') * EACH;
    long behind = small + (0x80 - ('z' + 1)) * EACH;
    return notBefore & ~behind & ~word;
  }
}
