package dev.inferno.tokenizer;

/// Cuts text into the pieces that are merged each on its own. Stateless and thread-safe.
///
/// Each is the regular expression that a family of tokenizers was published with, written as a
/// scanner: `java.util.regex` alone would set the speed of the encoder, and overflows its stack on
/// repeated groups. The tests hold the expressions and compare.
@FunctionalInterface
interface PreTokenizer {

  /// The end of the piece that begins at `from`.
  ///
  /// @param utf8 well-formed text
  /// @param from where a piece begins, below `limit`
  /// @param limit where the text ends; what follows must not be looked at
  int pieceEnd(byte[] utf8, int from, int limit);

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
