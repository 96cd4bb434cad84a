package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.ByteLevelText;
import java.util.Arrays;

/// The alphabet in which byte-level vocabularies write bytes: printable Latin-1 characters stand
/// for themselves, the other 68 bytes for the characters from U+0100 on (`Ġ` is a blank).
///
/// {@link ByteLevelText} has the same alphabet in the other direction.
final class ByteLevelAlphabet {

  private static final int HIGHEST = 0x143;

  /// For each character the byte, or -1.
  private static final short[] BYTES = new short[HIGHEST + 1];

  static {
    Arrays.fill(BYTES, (short) -1);
    for (int octet = 0; octet < 256; octet++) {
      BYTES[ByteLevelText.character(octet)] = (short) octet;
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
