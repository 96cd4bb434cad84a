package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.NEWLINE;
import static dev.inferno.tokenizer.CharacterClass.NUMBER;
import static dev.inferno.tokenizer.CharacterClass.SPACE;

/// Qwen 3.5, in whose words marks count as letters:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}|
/// ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
record Qwen35Scanner() implements PreTokenizer {

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    int contraction = Llama3Scanner.contractionEnd(utf8, from, limit);
    if (contraction > from) {
      return contraction;
    }
    if (isLetter(utf8, from)) {
      return lettersEnd(utf8, from, limit);
    }
    int first = CharacterClass.at(utf8, from);
    int second = from + Utf8.length(utf8[from]);
    if (first == NUMBER) {
      return second;
    }
    if (second < limit && (first & NEWLINE) == 0 && isLetter(utf8, second)) {
      return lettersEnd(utf8, second, limit);
    }
    if ((first & SPACE) == 0 || (utf8[from] == ' ' && second < limit && isOther(utf8, second))) {
      int end = second;
      while (end < limit && isOther(utf8, end)) {
        end += Utf8.length(utf8[end]);
      }
      return CharacterClass.runEnd(utf8, end, limit, NEWLINE);
    }
    int line = Llama3Scanner.lastNewlineEnd(utf8, from, limit);
    return line > from ? line : PreTokenizer.blanksEnd(utf8, from, limit);
  }

  private static int lettersEnd(byte[] utf8, int from, int limit) {
    int end = EightBytes.lettersEnd(utf8, from, limit);
    while (end < limit && isLetter(utf8, end)) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  private static boolean isLetter(byte[] utf8, int i) {
    return LetterCase.at(utf8, i) != 0;
  }

  private static boolean isOther(byte[] utf8, int i) {
    return (CharacterClass.at(utf8, i) & CharacterClass.OTHER) != 0 && !isLetter(utf8, i);
  }
}
