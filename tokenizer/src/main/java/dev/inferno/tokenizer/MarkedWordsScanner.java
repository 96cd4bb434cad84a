package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.NEWLINE;
import static dev.inferno.tokenizer.CharacterClass.SPACE;

/// DeepSeek V3, whose words may begin with a mark:
/// ``[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|
/// ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+``
///
/// Numbers and control characters match nothing, unless a letter follows.
record MarkedWordsScanner() implements PreTokenizer {

  private enum Kind {
    /// `[\p{L}\p{M}]`
    LETTER,
    /// `[\p{P}\p{S}]`
    MARK,
    /// `\s`
    BLANK,
    OTHER
  }

  private static final Kind[] ASCII = new Kind[128];

  static {
    for (int c = 0; c < ASCII.length; c++) {
      ASCII[c] = compute(c);
    }
  }

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    Kind first = kind(utf8, from);
    int second = from + Utf8.length(utf8[from]);
    if (first == Kind.LETTER) {
      return runEnd(utf8, from, limit, Kind.LETTER);
    }
    if (first == Kind.MARK && utf8[from] >= 0 && second < limit && isAsciiLetter(utf8[second])) {
      int end = EightBytes.lettersEnd(utf8, second, limit);
      while (end < limit && isAsciiLetter(utf8[end])) {
        end++;
      }
      return end;
    }
    Kind next = second < limit ? kind(utf8, second) : Kind.OTHER;
    boolean newline = utf8[from] == '\r' || utf8[from] == '\n';
    if (next == Kind.LETTER && first != Kind.MARK && !newline) {
      return runEnd(utf8, second, limit, Kind.LETTER);
    }
    if (first == Kind.MARK || (utf8[from] == ' ' && next == Kind.MARK)) {
      int end = runEnd(utf8, second, limit, Kind.MARK);
      return CharacterClass.runEnd(utf8, end, limit, NEWLINE);
    }
    if (first == Kind.BLANK) {
      int line = Llama3Scanner.lastNewlineEnd(utf8, from, limit);
      return line > from ? line : PreTokenizer.blanksEnd(utf8, from, limit);
    }
    return unmatchedEnd(utf8, second, limit);
  }

  /// What matches nothing goes on until something matches.
  private static int unmatchedEnd(byte[] utf8, int from, int limit) {
    int end = from;
    while (end < limit && kind(utf8, end) == Kind.OTHER) {
      int next = end + Utf8.length(utf8[end]);
      if (next < limit && kind(utf8, next) == Kind.LETTER) {
        break;
      }
      end = next;
    }
    return end;
  }

  private static int runEnd(byte[] utf8, int from, int limit, Kind kind) {
    int end = kind == Kind.LETTER ? EightBytes.lettersEnd(utf8, from, limit) : from;
    while (end < limit && kind(utf8, end) == kind) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  private static boolean isAsciiLetter(int octet) {
    return (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z');
  }

  private static Kind kind(byte[] utf8, int i) {
    int lead = utf8[i];
    return lead >= 0 ? ASCII[lead] : compute(Utf8.codePoint(utf8, i));
  }

  private static Kind compute(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.NON_SPACING_MARK,
          Character.COMBINING_SPACING_MARK,
          Character.ENCLOSING_MARK ->
          Kind.LETTER;
      case Character.CONNECTOR_PUNCTUATION,
          Character.DASH_PUNCTUATION,
          Character.START_PUNCTUATION,
          Character.END_PUNCTUATION,
          Character.INITIAL_QUOTE_PUNCTUATION,
          Character.FINAL_QUOTE_PUNCTUATION,
          Character.OTHER_PUNCTUATION,
          Character.MATH_SYMBOL,
          Character.CURRENCY_SYMBOL,
          Character.MODIFIER_SYMBOL,
          Character.OTHER_SYMBOL ->
          Kind.MARK;
      default -> (CharacterClass.of(codePoint) & SPACE) != 0 ? Kind.BLANK : Kind.OTHER;
    };
  }
}
