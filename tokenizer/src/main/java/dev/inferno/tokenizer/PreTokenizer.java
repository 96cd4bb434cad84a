package dev.inferno.tokenizer;

/// A {@link Splitter} that walks along the text once. Stateless and thread-safe.
///
/// Each is the regular expression that a family of tokenizers was published with, written as a
/// scanner: `java.util.regex` alone would set the speed of the encoder, overflows its stack on
/// repeated groups, and needs quadratic time for some look-aheads. The tests hold the expressions
/// and compare.
interface PreTokenizer extends Splitter {

  /// The end of the piece that begins at `from`.
  ///
  /// @param utf8 well-formed text
  /// @param from where a piece begins, below `limit`
  /// @param limit where the text ends; what follows must not be looked at
  int pieceEnd(byte[] utf8, int from, int limit);

  @Override
  default void split(byte[] utf8, int from, int to, PieceEnds ends) {
    for (int start = from; start < to; ) {
      int end = pieceEnd(utf8, start, to);
      ends.add(end);
      start = end;
    }
  }

  /// `\s+(?!\S)|\s+`, when a blank begins at `from`: all blanks but the last, which goes with the
  /// word that follows; or all, if nothing follows.
  static int blanksEnd(byte[] utf8, int from, int limit) {
    int end = CharacterClass.runEnd(utf8, from, limit, CharacterClass.SPACE);
    if (end == limit) {
      return end;
    }
    int last = end - 1;
    while (Utf8.isContinuation(utf8[last])) {
      last--;
    }
    return last > from ? last : end;
  }
}
