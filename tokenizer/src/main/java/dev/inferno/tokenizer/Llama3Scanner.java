package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.LETTER;
import static dev.inferno.tokenizer.CharacterClass.NEWLINE;
import static dev.inferno.tokenizer.CharacterClass.NUMBER;
import static dev.inferno.tokenizer.CharacterClass.OTHER;
import static dev.inferno.tokenizer.CharacterClass.SPACE;

/// Llama 3, Qwen 2 and others, which differ in little:
/// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|
/// ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
///
/// @param numbers the most number characters in one piece
/// @param cutsContractions whether `'s` and its like are pieces
/// @param keepsNewlines whether line breaks belong to the marks before them
record Llama3Scanner(int numbers, boolean cutsContractions, boolean keepsNewlines)
    implements PreTokenizer {

  Llama3Scanner(int numbers) {
    this(numbers, true, true);
  }

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    int contraction = cutsContractions ? contractionEnd(utf8, from, limit) : from;
    if (contraction > from) {
      return contraction;
    }
    int first = CharacterClass.at(utf8, from);
    if (first == LETTER) {
      return CharacterClass.runEnd(utf8, from, limit, LETTER);
    }
    if (first == NUMBER) {
      return numbersEnd(utf8, from, limit, numbers);
    }
    int second = from + Utf8.length(utf8[from]);
    int next = second < limit ? CharacterClass.at(utf8, second) : 0;
    if (next == LETTER && (first & NEWLINE) == 0) {
      return CharacterClass.runEnd(utf8, second, limit, LETTER);
    }
    if ((first & OTHER) != 0 || (utf8[from] == ' ' && (next & OTHER) != 0)) {
      int end = CharacterClass.runEnd(utf8, second, limit, OTHER);
      return keepsNewlines ? CharacterClass.runEnd(utf8, end, limit, NEWLINE) : end;
    }
    int line = lastNewlineEnd(utf8, from, limit);
    return line > from ? line : PreTokenizer.blanksEnd(utf8, from, limit);
  }

  /// The end of a run of at most so many number characters.
  static int numbersEnd(byte[] utf8, int from, int limit, int most) {
    int end = from;
    for (int n = 0; n < most && end < limit && CharacterClass.at(utf8, end) == NUMBER; n++) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  /// `\s*[\r\n]+`: the blanks as far as the last line break among them.
  static int lastNewlineEnd(byte[] utf8, int from, int limit) {
    int end = from;
    for (int i = from; i < limit; i += Utf8.length(utf8[i])) {
      int characters = CharacterClass.at(utf8, i);
      if ((characters & SPACE) == 0) {
        break;
      }
      if ((characters & NEWLINE) != 0) {
        end = i + 1;
      }
    }
    return end;
  }

  /// The end of `'s` and its like; `from` if none begins there.
  static int contractionEnd(byte[] utf8, int from, int limit) {
    if (from + 1 >= limit || utf8[from] != '\'') {
      return from;
    }
    int second = from + 2 < limit ? utf8[from + 2] : 0;
    return switch (utf8[from + 1]) {
      case 's', 't', 'm', 'd', 'S', 'T', 'M', 'D' -> from + 2;
      case 'r', 'v', 'R', 'V' -> second == 'e' || second == 'E' ? from + 3 : from;
      case 'l', 'L' -> second == 'l' || second == 'L' ? from + 3 : from;
      // U+017F, the long s, is an s when case is ignored.
      case (byte) 0xC5 -> second == (byte) 0xBF ? from + 3 : from;
      default -> from;
    };
  }
}
