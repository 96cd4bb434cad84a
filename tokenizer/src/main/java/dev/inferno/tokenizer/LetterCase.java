package dev.inferno.tokenizer;

/// What pre-tokenizers that heed capital letters ask about a character, as bits of one number.
final class LetterCase {

  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
  static final int UPPER = 1;

  /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
  static final int LOWER = 2;

  private LetterCase() {}

  /// The case of the character at `i` of well-formed UTF-8: one of the two, both, or 0.
  static int at(byte[] utf8, int i) {
    int lead = utf8[i];
    if (lead >= 0) {
      return lead >= 'a' && lead <= 'z' ? LOWER : lead >= 'A' && lead <= 'Z' ? UPPER : 0;
    }
    return switch (Character.getType(Utf8.codePoint(utf8, i))) {
      case Character.UPPERCASE_LETTER, Character.TITLECASE_LETTER -> UPPER;
      case Character.LOWERCASE_LETTER -> LOWER;
      case Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          UPPER | LOWER;
      default -> 0;
    };
  }
}
