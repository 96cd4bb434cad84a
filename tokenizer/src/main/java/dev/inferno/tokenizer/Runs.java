package dev.inferno.tokenizer;

/// Isolates runs of characters of one kind: `[...]+`, or of so many: `[...]{1,3}`. What lies
/// between stays together.
///
/// @param kind which characters
/// @param least the least characters of a run; fewer are not isolated
/// @param most the most characters of a run; what is more begins another
record Runs(Kind kind, int least, int most) implements Splitter {

  /// Some characters of those there are. Stateless and thread-safe.
  @FunctionalInterface
  interface Kind {

    /// `\p{N}`
    Kind NUMBERS = (utf8, i) -> CharacterClass.at(utf8, i) == CharacterClass.NUMBER;

    /// `[0-9]`
    Kind ASCII_DIGITS = (utf8, i) -> utf8[i] >= '0' && utf8[i] <= '9';

    /// `\s`
    Kind BLANKS = (utf8, i) -> (CharacterClass.at(utf8, i) & CharacterClass.SPACE) != 0;

    /// `[\r\n]`
    Kind NEWLINES = (utf8, i) -> utf8[i] == '\r' || utf8[i] == '\n';

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
    return new Runs(kind, 1, Integer.MAX_VALUE);
  }

  /// At most so many.
  static Runs upTo(int most, Kind kind) {
    return new Runs(kind, 1, most);
  }

  /// Just so many.
  static Runs exactly(int count, Kind kind) {
    return new Runs(kind, count, count);
  }

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    int start = from;
    for (int i = from; i < to; ) {
      int characters = 0;
      int end = i;
      while (characters < most && end < to && kind.includes(utf8, end)) {
        characters++;
        end += Utf8.length(utf8[end]);
      }
      if (characters < least) {
        i = Math.max(end, i + Utf8.length(utf8[i]));
        continue;
      }
      if (i > start) {
        ends.add(i);
      }
      ends.add(end);
      start = end;
      i = end;
    }
    if (start < to) {
      ends.add(to);
    }
  }
}
