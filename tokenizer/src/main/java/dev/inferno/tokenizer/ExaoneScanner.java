package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.LETTER;
import static dev.inferno.tokenizer.CharacterClass.NEWLINE;
import static dev.inferno.tokenizer.CharacterClass.NUMBER;
import static dev.inferno.tokenizer.CharacterClass.OTHER;

/// EXAONE's mixtures of experts, whose pieces may be several words:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}|
/// ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+`
record ExaoneScanner() implements PreTokenizer {

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    int contraction = Llama3Scanner.contractionEnd(utf8, from, limit);
    if (contraction > from) {
      return contraction;
    }
    int first = CharacterClass.at(utf8, from);
    if (first == LETTER) {
      return wordsEnd(utf8, from, limit);
    }
    int second = from + Utf8.length(utf8[from]);
    if (first == NUMBER) {
      return second;
    }
    int next = second < limit ? CharacterClass.at(utf8, second) : 0;
    if (next == LETTER && (first & NEWLINE) == 0) {
      return wordsEnd(utf8, second, limit);
    }
    if ((first & OTHER) != 0 || (utf8[from] == ' ' && (next & OTHER) != 0)) {
      int end = CharacterClass.runEnd(utf8, second, limit, OTHER);
      return end < limit && (utf8[end] == '\r' || utf8[end] == '\n') ? end + 1 : end;
    }
    int line = Llama3Scanner.lastNewlineEnd(utf8, from, limit);
    return line > from ? line : PreTokenizer.blanksEnd(utf8, from, limit);
  }

  /// Letters, each with its marks, and single blanks between them.
  private static int wordsEnd(byte[] utf8, int from, int limit) {
    int end = from;
    while (end < limit) {
      int letter = utf8[end] == ' ' && end > from ? end + 1 : end;
      if (letter == limit || CharacterClass.at(utf8, letter) != LETTER) {
        break;
      }
      end = letter + Utf8.length(utf8[letter]);
      while (end < limit && isMark(utf8, end)) {
        end += Utf8.length(utf8[end]);
      }
    }
    return end;
  }

  private static boolean isMark(byte[] utf8, int i) {
    return LetterCase.at(utf8, i) != 0 && CharacterClass.at(utf8, i) != LETTER;
  }
}
