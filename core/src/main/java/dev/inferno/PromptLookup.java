package dev.inferno;

/// Expects a text to go on as it did before: behind the latest earlier place where the longest run
/// of its last tokens stands, "prompt lookup decoding", Saxena 2023,
/// <https://github.com/apoorvumang/prompt-lookup-decoding>. It costs a look at each token.
final class PromptLookup {
  /// Longer runs are not told apart.
  static final int LONGEST = 8;

  private PromptLookup() {}

  /// Finds what is expected.
  ///
  /// @param tokens the text, of which `length` count
  /// @param shortest how many of its last tokens have to stand there at the least, at least 1
  /// @param most how many tokens are wanted at most; no more than twice as many as stand there
  /// @param draft receives them
  /// @return how many tokens are expected; 0 if there is no such place
  static int draft(int[] tokens, int length, int shortest, int most, int[] draft) {
    int longest = shortest - 1;
    int behind = 0; // the best place so far
    for (int end = length - 1; end >= shortest && longest < LONGEST; end--) {
      int run = 0;
      while (run < LONGEST && run < end && tokens[end - 1 - run] == tokens[length - 1 - run]) {
        run++;
      }
      if (run > longest) {
        longest = run;
        behind = end;
      }
    }
    if (behind == 0) {
      return 0;
    }
    int count = Math.min(most, 2 * longest);
    int period = length - behind;
    for (int i = 0; i < count; i++) { // a text that repeats itself is expected to go on with that
      draft[i] = i < period ? tokens[behind + i] : draft[i - period];
    }
    return count;
  }
}
