package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.NEWLINE;
import static dev.inferno.tokenizer.CharacterClass.NUMBER;
import static dev.inferno.tokenizer.CharacterClass.OTHER;
import static dev.inferno.tokenizer.LetterCase.LOWER;
import static dev.inferno.tokenizer.LetterCase.UPPER;

/// GPT-4o, Tekken and Kimi, which cut before capital letters. With U for
/// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and L for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
/// `[^\r\n\p{L}\p{N}]?U*L+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?U+L*(?i:...)?|\p{N}{1,3}|
/// ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`
///
/// @param numbers the most number characters in one piece
/// @param keepsContractions whether `'s` and its like belong to the word before
/// @param keepsSlashes whether slashes after a line break belong to the marks before it
/// @param isolatesHan whether Chinese characters are pieces without others, `\p{Han}+`, and neither
///   in U nor in L
record Gpt4oScanner(
    int numbers, boolean keepsContractions, boolean keepsSlashes, boolean isolatesHan)
    implements PreTokenizer {

  @Override
  public int pieceEnd(byte[] utf8, int from, int limit) {
    int second = from + Utf8.length(utf8[from]);
    if (isolatesHan && isHan(utf8, from)) {
      int end = second;
      while (end < limit && isHan(utf8, end)) {
        end += Utf8.length(utf8[end]);
      }
      return end;
    }
    int first = CharacterClass.at(utf8, from);
    int word = wordEnd(utf8, from, second, limit, first);
    if (word > from) {
      return keepsContractions ? Llama3Scanner.contractionEnd(utf8, word, limit) : word;
    }
    if (first == NUMBER) {
      return Llama3Scanner.numbersEnd(utf8, from, limit, numbers);
    }
    if ((first & OTHER) != 0
        || (utf8[from] == ' '
            && second < limit
            && (CharacterClass.at(utf8, second) & OTHER) != 0)) {
      int end = CharacterClass.runEnd(utf8, second, limit, OTHER);
      while (end < limit
          && (utf8[end] == '\r' || utf8[end] == '\n' || (keepsSlashes && utf8[end] == '/'))) {
        end++;
      }
      return end;
    }
    int line = Llama3Scanner.lastNewlineEnd(utf8, from, limit);
    return line > from ? line : PreTokenizer.blanksEnd(utf8, from, limit);
  }

  private int wordEnd(byte[] utf8, int from, int second, int limit, int first) {
    if (first == CharacterClass.LETTER) {
      int end = lowerEnd(utf8, from, limit);
      return end > from ? end : upperEnd(utf8, from, limit);
    }
    if (first == NUMBER || (first & NEWLINE) != 0) {
      return from;
    }
    int end = lowerEnd(utf8, second, limit);
    if (end > second) {
      return end;
    }
    if (letterAt(utf8, from) != 0) { // a mark, which may stand before a word or be one
      return second;
    }
    end = upperEnd(utf8, second, limit);
    return end > second ? end : from;
  }

  /// `U*L+`: through the small letters after capital ones. If there are none, capital ones are
  /// given back until the last is of both cases. `from` if there is none of these either.
  private int lowerEnd(byte[] utf8, int from, int limit) {
    int end = from;
    int both = from;
    int letter = end < limit ? letterAt(utf8, end) : 0;
    while ((letter & UPPER) != 0) {
      end += Utf8.length(utf8[end]);
      if (letter == (UPPER | LOWER)) {
        both = end;
      }
      letter = end < limit ? letterAt(utf8, end) : 0;
    }
    if (letter == 0) {
      return both;
    }
    while ((letter & LOWER) != 0) {
      end += Utf8.length(utf8[end]);
      letter = end < limit ? letterAt(utf8, end) : 0;
    }
    return end;
  }

  /// `U+`, where {@link #lowerEnd} has found nothing.
  private int upperEnd(byte[] utf8, int from, int limit) {
    int end = from;
    while (end < limit && letterAt(utf8, end) == UPPER) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  private int letterAt(byte[] utf8, int i) {
    int letter = LetterCase.at(utf8, i);
    return isolatesHan && letter == (UPPER | LOWER) && isHan(utf8, i) ? 0 : letter;
  }

  private static boolean isHan(byte[] utf8, int i) {
    return utf8[i] < 0
        && Character.UnicodeScript.of(Utf8.codePoint(utf8, i)) == Character.UnicodeScript.HAN;
  }
}
