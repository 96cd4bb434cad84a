package dev.inferno.tokenizer;

import java.nio.charset.StandardCharsets;

/// UTF-8 where the platform's own conversion does something else than the tokenizers we agree with:
/// a lone surrogate of a string becomes U+FFFD (not a question mark), and of malformed bytes each
/// maximal part that could have begun a character becomes one U+FFFD, where the platform makes one
/// of a whole encoded surrogate instead of three (Unicode 16, section 3.9, table 3-8).
final class Utf8 {

  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private Utf8() {}

  static byte[] encode(String text) {
    return hasLoneSurrogate(text)
        ? wellFormed(text).getBytes(StandardCharsets.UTF_8)
        : text.getBytes(StandardCharsets.UTF_8);
  }

  private static boolean hasLoneSurrogate(String text) {
    int first = 0; // in a loop of its own, which costs next to nothing
    while (first < text.length() && !Character.isSurrogate(text.charAt(first))) {
      first++;
    }
    for (int i = first; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  private static String wellFormed(String text) {
    StringBuilder result = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      i += Character.charCount(codePoint);
      boolean lone = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
      result.appendCodePoint(lone ? 0xFFFD : codePoint);
    }
    return result.toString();
  }

  /// The text of the bytes, malformed parts replaced.
  static String decode(byte[] bytes, int from, int to) {
    for (int i = from; i < to; ) {
      int length = sequence(bytes, i, to);
      if (length < 0) {
        return new String(repaired(bytes, from, to), StandardCharsets.UTF_8);
      }
      i += length;
    }
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  /// The bytes with each malformed part replaced by the encoding of U+FFFD.
  static byte[] repaired(byte[] bytes, int from, int to) {
    ByteSink result = new ByteSink(to - from + 16);
    for (int i = from; i < to; ) {
      int length = sequence(bytes, i, to);
      if (length > 0) {
        result.add(bytes, i, i + length);
      } else {
        result.add(REPLACEMENT, 0, REPLACEMENT.length);
      }
      i += Math.abs(length);
    }
    return result.toByteArray();
  }

  /// The length of the character that begins at `i`, or, if none does, minus the length of the
  /// malformed part that does.
  static int sequence(byte[] bytes, int i, int end) {
    int lead = bytes[i];
    if (lead >= 0) {
      return 1;
    }
    int needed = continuations(lead);
    if (needed == 0) {
      return -1;
    }
    int low = lowestSecond(lead);
    int high = highestSecond(lead);
    for (int k = 1; k <= needed; k++) {
      int next = i + k < end ? bytes[i + k] & 0xFF : -1;
      if (next < low || next > high) {
        return -k;
      }
      low = 0x80;
      high = 0xBF;
    }
    return needed + 1;
  }

  /// How many bytes must follow this first byte of a character of several; 0 if it cannot be one.
  static int continuations(int lead) {
    int unsigned = lead & 0xFF;
    if (unsigned < 0xC2 || unsigned > 0xF4) {
      return 0;
    }
    return unsigned < 0xE0 ? 1 : unsigned < 0xF0 ? 2 : 3;
  }

  /// The least byte that may follow: longer encodings than needed are malformed.
  static int lowestSecond(int lead) {
    return switch (lead & 0xFF) {
      case 0xE0 -> 0xA0;
      case 0xF0 -> 0x90;
      default -> 0x80;
    };
  }

  /// The greatest byte that may follow: surrogates and what lies beyond U+10FFFF are malformed.
  static int highestSecond(int lead) {
    return switch (lead & 0xFF) {
      case 0xED -> 0x9F;
      case 0xF4 -> 0x8F;
      default -> 0xBF;
    };
  }

  /// Whether the last bytes are a whole character, and not U+FFFD.
  ///
  /// A first byte is never a part of an earlier character, so the last one decides alone.
  static boolean endsWithCharacter(byte[] bytes, int length) {
    int start = length - 1;
    while (start > 0 && length - start < 4 && isContinuation(bytes[start])) {
      start--;
    }
    if (start < 0 || sequence(bytes, start, length) != length - start) {
      return false;
    }
    return length - start != 3
        || bytes[start] != REPLACEMENT[0]
        || bytes[start + 1] != REPLACEMENT[1]
        || bytes[start + 2] != REPLACEMENT[2];
  }

  static boolean isContinuation(int octet) {
    return (octet & 0xC0) == 0x80;
  }

  /// Where the character begins that ends before `i`, in well-formed text.
  static int before(byte[] bytes, int i) {
    int start = i - 1;
    while (start > 0 && isContinuation(bytes[start])) {
      start--;
    }
    return start;
  }

  /// The length of the character whose first byte this is, in well-formed text.
  static int length(int lead) {
    return lead >= 0 ? 1 : continuations(lead) + 1;
  }

  /// The character at `i` of well-formed text.
  static int codePoint(byte[] bytes, int i) {
    int lead = bytes[i];
    if (lead >= 0) {
      return lead;
    }
    return switch (continuations(lead)) {
      case 1 -> (lead & 0x1F) << 6 | (bytes[i + 1] & 0x3F);
      case 2 -> (lead & 0x0F) << 12 | (bytes[i + 1] & 0x3F) << 6 | (bytes[i + 2] & 0x3F);
      default ->
          (lead & 0x07) << 18
              | (bytes[i + 1] & 0x3F) << 12
              | (bytes[i + 2] & 0x3F) << 6
              | (bytes[i + 3] & 0x3F);
    };
  }
}
