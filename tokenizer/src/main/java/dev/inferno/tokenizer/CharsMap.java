package dev.inferno.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Replacements of characters and sequences of characters, as SentencePiece compiles them into a
/// model (`precompiled_charsmap`): a double array over bytes whose leaves say where in a list of
/// strings, each ended by a zero byte, the replacement begins. Immutable and thread-safe.
///
/// Yata: Darts-clone, <https://github.com/s-yata/darts-clone>
final class CharsMap {

  /// What {@link #match} gives if nothing is replaced.
  static final long NONE = -1;

  private static final CharsMap EMPTY = new CharsMap(new int[0], new byte[0]);

  private static final int VALUE = 1 << 31;

  private final int[] units;
  private final byte[] replacements;

  private CharsMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  /// @param name what to call the map in a message
  /// @param map as in the file; nothing is replaced if it is empty
  /// @throws MalformedTokenizerException if it contradicts itself
  static CharsMap read(String name, byte[] map) {
    if (map.length == 0) {
      return EMPTY;
    }
    if (map.length < Integer.BYTES) {
      throw Metadata.malformed("%s has %d bytes; it must have at least 4", name, map.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(map).order(ByteOrder.LITTLE_ENDIAN);
    long size = Integer.toUnsignedLong(buffer.getInt());
    if (size % Integer.BYTES != 0 || size > buffer.remaining()) {
      throw Metadata.malformed(
          "%s says that its first part has %d bytes; it must be a multiple of 4, and %d are left",
          name, size, buffer.remaining());
    }
    int[] units = new int[(int) size / Integer.BYTES];
    buffer.asIntBuffer().get(units);
    byte[] replacements = Arrays.copyOfRange(map, Integer.BYTES + (int) size, map.length);
    CharsMap result = new CharsMap(units, replacements);
    result.check(name);
    return result;
  }

  private void check(String name) {
    for (int i = 0; i < replacements.length; ) {
      int length = Utf8.sequence(replacements, i, replacements.length);
      if (length < 0) {
        throw Metadata.malformed("%s: the replacements are not UTF-8 at byte %d of them", name, i);
      }
      i += length;
    }
    if (replacements.length > 0 && replacements[replacements.length - 1] != 0) {
      throw Metadata.malformed("%s: the last replacement has no zero byte at its end", name);
    }
    for (int i = 0; i < units.length; i++) {
      if ((units[i] & VALUE) != 0) {
        int at = units[i] & ~VALUE;
        if (at >= replacements.length || Utf8.isContinuation(replacements[at])) {
          throw Metadata.malformed(
              "%s: unit %d points to byte %d of the replacements, where none begins; they have %d"
                  + " bytes",
              name, i, at, replacements.length);
        }
      }
    }
  }

  /// The longest sequence of whole characters from `from` on that is replaced, to be read with
  /// {@link #length} and {@link #replacement}, or {@link #NONE}.
  long match(byte[] utf8, int from, int to) {
    long longest = NONE;
    int node = units.length == 0 ? 0 : offset(units[0]);
    for (int i = from; i < to && utf8[i] != 0; i++) {
      node ^= utf8[i] & 0xFF;
      if (!isUnit(node) || (units[node] & (VALUE | 0xFF)) != (utf8[i] & 0xFF)) {
        break;
      }
      int unit = units[node];
      node ^= offset(unit);
      boolean leaf = (unit >>> 8 & 1) == 1;
      if (leaf
          && isUnit(node)
          && units[node] < 0
          && (i + 1 == to || !Utf8.isContinuation(utf8[i + 1]))) {
        longest = (long) (units[node] & ~VALUE) << 32 | (i + 1 - from);
      }
    }
    return longest;
  }

  private boolean isUnit(int node) {
    return node >= 0 && node < units.length;
  }

  private static int offset(int unit) {
    return (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  }

  /// How many bytes of the text are replaced.
  static int length(long match) {
    return (int) match;
  }

  /// The bytes to be put there, in UTF-8.
  byte[] replacement(long match) {
    int start = (int) (match >>> 32);
    int end = start;
    while (replacements[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(replacements, start, end);
  }
}
