package dev.inferno.tokenizer;

import java.util.Arrays;

/// The alphabet in which byte-level vocabularies write bytes: printable Latin-1 characters stand
/// for themselves, the other 68 bytes for the characters from U+0100 on (`Ġ` is a blank).
///
/// From GPT-2's `bytes_to_unicode`, <https://github.com/openai/gpt-2/blob/master/src/encoder.py>
final class ByteLevelAlphabet {

  private static final int HIGHEST = 0x143;

  /// For each character the byte, or -1.
  private static final short[] BYTES = new short[HIGHEST + 1];

  static {
    Arrays.fill(BYTES, (short) -1);
    int next = 0x100;
    for (int octet = 0; octet < 256; octet++) {
      boolean printable =
          (octet >= '!' && octet <= '~') || (octet >= 0xA1 && octet <= 0xFF && octet != 0xAD);
      BYTES[printable ? octet : next++] = (short) octet;
    }
  }

  private ByteLevelAlphabet() {}

  /// Appends the bytes that a token's text spells.
  ///
  /// @return whether it is spelled in this alphabet; if not, nothing is appended
  static boolean spell(byte[] text, ByteSink sink) {
    int before = sink.length();
    for (int i = 0; i < text.length; ) {
      int length = Utf8.sequence(text, i, text.length);
      int codePoint = length > 0 ? Utf8.codePoint(text, i) : Integer.MAX_VALUE;
      if (codePoint > HIGHEST || BYTES[codePoint] < 0) {
        sink.truncate(before);
        return false;
      }
      sink.add(BYTES[codePoint]);
      i += length;
    }
    return true;
  }
}
