package dev.inferno.tokenizer;

/// Isolates runs of characters of one kind: `[...]+`, or of at most so many: `[...]{1,3}`. What
/// lies between stays together.
///
/// @param kind which characters
/// @param most the most characters of a run; what is more begins another
record Runs(Kind kind, int most) implements Splitter {

  /// Some characters of those there are. Stateless and thread-safe.
  @FunctionalInterface
  interface Kind {

    /// `\p{N}`
    Kind NUMBERS = (utf8, i) -> CharacterClass.at(utf8, i) == CharacterClass.NUMBER;

    /// Whether the character at `i` of well-formed text is one of them.
    boolean includes(byte[] utf8, int i);

    /// Those within ranges that lie beyond ASCII.
    ///
    /// @param bounds the first and the last of each range, one range after the other
    static Kind within(int... bounds) {
      return (utf8, i) -> utf8[i] < 0 && isWithin(Utf8.codePoint(utf8, i), bounds);
    }

    private static boolean isWithin(int codePoint, int[] bounds) {
      for (int i = 0; i < bounds.length; i += 2) {
        if (codePoint >= bounds[i] && codePoint <= bounds[i + 1]) {
          return true;
        }
      }
      return false;
    }
  }

  /// As long as they come.
  static Runs of(Kind kind) {
    return new Runs(kind, Integer.MAX_VALUE);
  }

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    int start = from;
    for (int i = from; i < to; ) {
      if (!kind.includes(utf8, i)) {
        i += Utf8.length(utf8[i]);
        continue;
      }
      if (i > start) {
        ends.add(i);
      }
      for (int n = 0; n < most && i < to && kind.includes(utf8, i); n++) {
        i += Utf8.length(utf8[i]);
      }
      ends.add(i);
      start = i;
    }
    if (start < to) {
      ends.add(to);
    }
  }
}
