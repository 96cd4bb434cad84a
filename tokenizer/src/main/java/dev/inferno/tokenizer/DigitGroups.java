package dev.inferno.tokenizer;

/// Cuts numbers into groups of three digits, counted from their end: `1`, `234`, `567`. What is no
/// number stays together.
///
/// Its expressions, `\d{1,3}(?=(?:\d{3})*\b)` and `(?=(\d{3})+(?!\d))`, look ahead over the rest of
/// the number from every digit.
///
/// @param numbers which characters are digits
/// @param rest what is done with the one or two digits before the first group
record DigitGroups(Numbers numbers, Rest rest) implements Splitter {

  enum Numbers {
    /// `\p{N}`
    ALL,
    /// `\d`
    DECIMAL,
    /// `\d`, and only if no other character of a word follows the number, which else is no number
    DECIMAL_AT_WORD_END
  }

  enum Rest {
    /// They are a group too.
    IS_GROUP,
    /// They stay with what is before the number, and what is after it stays with the last group.
    STAYS
  }

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    int start = from;
    for (int i = from; i < to; ) {
      if (!isDigit(utf8, i)) {
        i += Utf8.length(utf8[i]);
        continue;
      }
      int digits = 0;
      int end = i;
      while (end < to && isDigit(utf8, end)) {
        digits++;
        end += Utf8.length(utf8[end]);
      }
      if (numbers != Numbers.DECIMAL_AT_WORD_END || end == to || !isWord(utf8, end)) {
        start = group(utf8, start, i, digits, ends);
        if (rest == Rest.IS_GROUP) {
          ends.add(end);
          start = end;
        }
      }
      i = end;
    }
    if (start < to) {
      ends.add(to);
    }
  }

  /// Ends the pieces before the last group of a number.
  ///
  /// @return where the last piece begins
  private int group(byte[] utf8, int pieceStart, int number, int digits, PieceEnds ends) {
    int start = pieceStart;
    int at = number;
    for (int left = digits; left > 0; left--) {
      boolean begins = left % 3 == 0 || (left == digits && rest == Rest.IS_GROUP);
      if (begins && at > start) {
        ends.add(at);
        start = at;
      }
      at += Utf8.length(utf8[at]);
    }
    return start;
  }

  private boolean isDigit(byte[] utf8, int i) {
    if (utf8[i] >= 0) {
      return utf8[i] >= '0' && utf8[i] <= '9';
    }
    int codePoint = Utf8.codePoint(utf8, i);
    return numbers == Numbers.ALL
        ? CharacterClass.at(utf8, i) == CharacterClass.NUMBER
        : Character.getType(codePoint) == Character.DECIMAL_DIGIT_NUMBER;
  }

  private static boolean isWord(byte[] utf8, int i) {
    int codePoint = Utf8.codePoint(utf8, i);
    return Character.isAlphabetic(codePoint)
        || isLatin1Number(codePoint)
        || switch (Character.getType(codePoint)) {
          case Character.NON_SPACING_MARK,
              Character.COMBINING_SPACING_MARK,
              Character.ENCLOSING_MARK,
              Character.DECIMAL_DIGIT_NUMBER,
              Character.CONNECTOR_PUNCTUATION ->
              true;
          default -> false;
        };
  }

  /// Superscripts and fractions, which the engine of the published tokenizers counts to words if
  /// they are in Latin-1, and only these.
  private static boolean isLatin1Number(int codePoint) {
    return codePoint < 0x100 && Character.getType(codePoint) == Character.OTHER_NUMBER;
  }
}
