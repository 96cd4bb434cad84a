package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.NUMBER;
import static dev.inferno.tokenizer.CharacterClass.SPACE;

/// GPT-2: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
///
/// With `isolateNumbers` the text is first cut around each single `\p{N}` (StarCoder, SmolLM), so
/// that a number ends the text as far as the expression can see.
///
/// @param isolateNumbers whether each number character is a piece of its own
record Gpt2Scanner(boolean isolateNumbers) implements PreTokenizer {

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    int contraction = contractionEnd(utf8, from, limit);
    if (contraction > from) {
      return contraction;
    }
    int start = from;
    int characters = CharacterClass.at(utf8, from);
    if (utf8[from] == ' ' && from + 1 < limit) {
      int next = CharacterClass.at(utf8, from + 1);
      if ((next & SPACE) == 0 && !(isolateNumbers && next == NUMBER)) {
        start = from + 1;
        characters = next;
      }
    }
    if ((characters & SPACE) != 0) {
      return blanksEnd(utf8, from, limit);
    }
    if (isolateNumbers && characters == NUMBER) {
      return start + Utf8.length(utf8[start]);
    }
    return CharacterClass.runEnd(utf8, start, limit, characters & ~CharacterClass.PUNCTUATION);
  }

  private int blanksEnd(byte[] utf8, int from, int limit) {
    if (isolateNumbers) {
      int end = CharacterClass.runEnd(utf8, from, limit, SPACE);
      if (end < limit && CharacterClass.at(utf8, end) == NUMBER) {
        return end;
      }
    }
    return PreTokenizer.blanksEnd(utf8, from, limit);
  }

  private static int contractionEnd(byte[] utf8, int from, int limit) {
    if (utf8[from] != '\'' || from + 1 >= limit) {
      return from;
    }
    int second = from + 2 < limit ? utf8[from + 2] : 0;
    return switch (utf8[from + 1]) {
      case 's', 't', 'm', 'd' -> from + 2;
      case 'r', 'v' -> second == 'e' ? from + 3 : from;
      case 'l' -> second == 'l' ? from + 3 : from;
      default -> from;
    };
  }
}
