package dev.inferno.tokenizer;

/// What pre-tokenizers ask about a character, as bits of one number.
///
/// The classes are those of the regular expressions that the tokenizers were published with:
/// `\p{L}`, `\p{N}`, `\p{P}`, and `\s` in its Unicode meaning (the property White_Space).
final class CharacterClass {

  /// `\p{L}`
  static final int LETTER = 1;

  /// `\p{N}`
  static final int NUMBER = 2;

  /// `\s`
  static final int SPACE = 4;

  /// `[\r\n]`, which are {@link #SPACE} too
  static final int NEWLINE = 8;

  /// `[^\s\p{L}\p{N}]`
  static final int OTHER = 16;

  /// `\p{P}`, which are {@link #OTHER} too
  static final int PUNCTUATION = 32;

  private static final byte[] ASCII = new byte[128];

  static {
    for (int c = 0; c < ASCII.length; c++) {
      ASCII[c] = (byte) of(c);
    }
  }

  private CharacterClass() {}

  /// The class of the character at `i` of well-formed UTF-8.
  static int at(byte[] utf8, int i) {
    int lead = utf8[i];
    return lead >= 0 ? ASCII[lead] : of(Utf8.codePoint(utf8, i));
  }

  /// Whether the character at `i` is one of words, `\w`: letters with their marks, digits, joiners.
  static boolean isWord(byte[] utf8, int i) {
    int codePoint = Utf8.codePoint(utf8, i);
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.CONNECTOR_PUNCTUATION ->
          true;
      default -> Character.isAlphabetic(codePoint) || codePoint == 0x200C || codePoint == 0x200D;
    };
  }

  /// The end of the longest run from `i` on of characters that share a bit with `mask`.
  static int runEnd(byte[] utf8, int i, int limit, int mask) {
    int end = (mask & LETTER) != 0 ? EightBytes.lettersEnd(utf8, i, limit) : i;
    while (end < limit && (at(utf8, end) & mask) != 0) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  /// The class of a character.
  static int of(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER ->
          LETTER;
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
          NUMBER;
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          SPACE;
      case Character.CONTROL -> control(codePoint);
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          OTHER | PUNCTUATION;
      default -> OTHER;
    };
  }

  private static int control(int codePoint) {
    return switch (codePoint) {
      case '\n', '\r' -> SPACE | NEWLINE;
      case '\t', 0x0B, 0x0C, 0x85 -> SPACE;
      default -> OTHER;
    };
  }
}
