package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.NUMBER;
import static dev.inferno.tokenizer.CharacterClass.PUNCTUATION;
import static dev.inferno.tokenizer.CharacterClass.SPACE;

/// What llama.cpp uses when a file names no pre-tokenizer: four expressions, each cutting the
/// pieces of the one before: `[\p{P}\$\+<=>\^~\|]+`, that of {@link Gpt2Scanner}, `\p{N}+`,
/// `[0-9]{3}`.
record DefaultScanner() implements PreTokenizer {

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    if (isMark(utf8, from)) {
      int end = from;
      while (end < limit && isMark(utf8, end)) {
        end += Utf8.length(utf8[end]);
      }
      return end;
    }
    int start = from;
    int characters = CharacterClass.at(utf8, from);
    if (characters == NUMBER) {
      return numbersEnd(utf8, from, limit);
    }
    if (utf8[from] == ' ' && from + 1 < limit) {
      int next = CharacterClass.at(utf8, from + 1);
      if (next == NUMBER) {
        return from + 1;
      }
      if ((next & SPACE) == 0 && !isMark(utf8, from + 1)) {
        start = from + 1;
        characters = next;
      }
    }
    if ((characters & SPACE) != 0) {
      int end = CharacterClass.runEnd(utf8, from, limit, SPACE);
      return end < limit && isMark(utf8, end) ? end : PreTokenizer.blanksEnd(utf8, from, limit);
    }
    int end = start;
    while (end < limit && CharacterClass.at(utf8, end) == characters && !isMark(utf8, end)) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  /// `[\p{P}\$\+<=>\^~\|]`
  static boolean isMark(byte[] utf8, int i) {
    return switch (utf8[i]) {
      case '$', '+', '<', '=', '>', '^', '~', '|' -> true;
      default -> (CharacterClass.at(utf8, i) & PUNCTUATION) != 0;
    };
  }

  /// Three digits, or the numbers before the next three digits.
  private static int numbersEnd(byte[] utf8, int from, int limit) {
    if (threeDigits(utf8, from, limit)) {
      return from + 3;
    }
    int end = from;
    while (end < limit
        && CharacterClass.at(utf8, end) == NUMBER
        && !threeDigits(utf8, end, limit)) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  private static boolean threeDigits(byte[] utf8, int from, int limit) {
    return from + 3 <= limit
        && isDigit(utf8[from])
        && isDigit(utf8[from + 1])
        && isDigit(utf8[from + 2]);
  }

  private static boolean isDigit(int octet) {
    return octet >= '0' && octet <= '9';
  }
}
