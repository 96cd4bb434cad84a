package dev.inferno.tokenizer.huggingface;

import java.nio.charset.StandardCharsets;

/// The alphabet in which byte-level vocabularies write bytes: printable Latin-1 characters stand
/// for themselves, the other 68 bytes for the characters from U+0100 on (`Ġ` is a blank).
///
/// From GPT-2's `bytes_to_unicode`, <https://github.com/openai/gpt-2/blob/master/src/encoder.py>
public final class ByteLevelText {

  private static final char[] CHARACTERS = new char[256];

  static {
    char next = 0x100;
    for (char octet = 0; octet < 256; octet++) {
      boolean printable =
          (octet >= '!' && octet <= '~') || (octet >= 0xA1 && octet <= 0xFF && octet != 0xAD);
      CHARACTERS[octet] = printable ? octet : next++;
    }
  }

  private ByteLevelText() {}

  /// The character that stands for a byte, from 0 to 255.
  public static char character(int octet) {
    return CHARACTERS[octet];
  }

  /// A text whose characters stand for the bytes of another.
  static AlignedText spell(AlignedText text) {
    var builder = new AlignedText.Builder(text, 2 * text.length());
    spell(text, 0, text.length(), builder);
    return builder.build();
  }

  /// The same for a part of a text, behind what is there already.
  static void spell(AlignedText text, int from, int to, AlignedText.Builder builder) {
    String source = text.text();
    for (int i = from; i < to; ) {
      int c = source.codePointAt(i);
      int end = i + Character.charCount(c);
      if (c < 0x80) {
        builder.add(CHARACTERS[c], text.start(i), text.end(i));
      } else {
        byte[] bytes = source.substring(i, end).getBytes(StandardCharsets.UTF_8);
        boolean whole = text.end(i) - text.start(i) == bytes.length;
        for (int k = 0; k < bytes.length; k++) {
          int start = whole ? text.start(i) + k : text.start(i);
          builder.add(CHARACTERS[bytes[k] & 0xFF], start, whole ? start + 1 : text.end(i));
        }
      }
      i = end;
    }
  }
}
