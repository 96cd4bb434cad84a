package dev.inferno.tokenizer.huggingface;

import java.util.function.IntUnaryOperator;

/// What the parts ask about characters, and changes character by character.
final class Characters {

  private Characters() {}

  /// The Unicode property White_Space.
  static boolean isBlank(int c) {
    return switch (c) {
      case ' ', 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000 -> true;
      default -> (c >= 0x09 && c <= 0x0D) || (c >= 0x2000 && c <= 0x200A);
    };
  }

  /// `\p{M}`
  static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }

  /// `\p{N}`
  static boolean isNumber(int c) {
    return switch (Character.getType(c)) {
      case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER -> true;
      default -> false;
    };
  }

  /// `\p{P}`, and the symbols among the printable characters of ASCII.
  static boolean isPunctuation(int c) {
    return switch (Character.getType(c)) {
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION ->
          true;
      case Character.MATH_SYMBOL, Character.CURRENCY_SYMBOL, Character.MODIFIER_SYMBOL -> c < 0x80;
      default -> false;
    };
  }

  /// The text with each character changed to another one, or left out if that is -1.
  static AlignedText mapped(AlignedText text, IntUnaryOperator change) {
    String from = text.text();
    int i = 0;
    while (i < from.length() && change.applyAsInt(from.codePointAt(i)) == from.codePointAt(i)) {
      i += Character.charCount(from.codePointAt(i));
    }
    if (i == from.length()) {
      return text;
    }
    var builder = new AlignedText.Builder(text, from.length());
    builder.add(text, 0, i);
    while (i < from.length()) {
      int c = from.codePointAt(i);
      int changed = change.applyAsInt(c);
      if (changed >= 0) {
        builder.add(changed, text.start(i), text.end(i));
      }
      i += Character.charCount(c);
    }
    return builder.build();
  }

  /// In lower case, each character by itself.
  static AlignedText lowercase(AlignedText text) {
    if (text.text().indexOf(0x130) < 0) {
      return mapped(text, Character::toLowerCase);
    }
    // The capital dotted I alone becomes two characters.
    var builder = new AlignedText.Builder(text, text.length() + 8);
    String from = text.text();
    for (int i = 0; i < from.length(); ) {
      int c = from.codePointAt(i);
      builder.add(Character.toLowerCase(c), text.start(i), text.end(i));
      if (c == 0x130) {
        builder.add(0x307, text.end(i), text.end(i));
      }
      i += Character.charCount(c);
    }
    return builder.build();
  }
}
