package dev.inferno.observe.analysis;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where a sequence of tokens repeats itself at once, as a text does that has got stuck.
///
/// A *repetition* with period p is a span in which every token equals the one p before it, as far
/// as that one is in the span, and which is at least 2 p long. It is *maximal* if no token can be
/// added on either side; p is always the least period of the span. Each maximal repetition is a
/// "run" of Kolpakov and Kucherov (Finding maximal repetitions in a word in linear time, 1999); n
/// tokens have fewer than n of them.
public final class Repetitions {
  private Repetitions() {}

  /// A repetition.
  ///
  /// @param start the index of its first token
  /// @param length how many tokens it has, at least twice the period
  /// @param period after how many tokens it repeats, at least 1
  public record Repetition(int start, int length, int period) {
    /// The index behind its last token.
    public int end() {
      return start + length;
    }

    /// How many times the period fits, with a fraction: at least 2.
    public double times() {
      return (double) length / period;
    }
  }

  /// All maximal repetitions, in rising order of start, then of length. Takes time in the order of
  /// n log n for n tokens.
  ///
  /// It halves the sequence again and again and looks for what crosses the middle, which is found
  /// in linear time: Main and Lorentz, An O(n log n) algorithm for finding all repetitions in a
  /// string, 1984.
  public static List<Repetition> of(int[] tokens) {
    Map<Long, Repetition> found = new HashMap<>();
    search(tokens, 0, tokens.length, found);
    return found.values().stream()
        .sorted(Comparator.comparingInt(Repetition::start).thenComparingInt(Repetition::length))
        .toList();
  }

  /// The longest repetition that ends at the last token, the one with the shortest period if
  /// several are as long: what a generation that loops is in now. Takes time in the order of n.
  public static Optional<Repetition> atEnd(int[] tokens) {
    int n = tokens.length;
    int[] matches = matchesOfItself(copy(tokens, 0, n, true));
    int best = 0;
    int period = 0;
    for (int p = 1; p <= n / 2; p++) {
      int length = p + matches[p];
      if (matches[p] >= p && length > best) {
        best = length;
        period = p;
      }
    }
    return best == 0 ? Optional.empty() : Optional.of(new Repetition(n - best, best, period));
  }

  private static void search(int[] tokens, int from, int to, Map<Long, Repetition> found) {
    if (to - from < 2) {
      return;
    }
    int middle = (from + to) >>> 1;
    search(tokens, from, middle, found);
    search(tokens, middle, to, found);
    crossing(tokens, from, middle, to, found);
  }

  /// The repetitions within `from` to `to` that have tokens on both sides of the middle. Such a one
  /// has a whole period left of the middle, or a whole one right of it: with each period p either
  /// the two places `middle - p` and `middle`, or `middle` and `middle + p`, are compared forward
  /// and backward.
  private static void crossing(
      int[] tokens, int from, int middle, int to, Map<Long, Repetition> found) {
    int leftLength = middle - from;
    int rightLength = to - middle;
    int[] all = copy(tokens, from, to, false);
    int[] right = copy(tokens, middle, to, false);
    int[] allBackward = copy(tokens, from, to, true);
    int[] leftBackward = copy(tokens, from, middle, true);

    int[] leftInLeft = matchesOfItself(leftBackward);
    int[] rightInRight = matchesOfItself(right);
    int[] rightInAll = matches(right, rightInRight, all);
    for (int p = 1; p <= leftLength; p++) {
      int forward = rightInAll[leftLength - p]; // at middle - p and middle
      int backward = p < leftLength ? leftInLeft[p] : 0; // before them
      if (forward + backward >= p) {
        add(tokens, middle - p - backward, middle + forward, p, found);
      }
    }

    int[] leftInAll = matches(leftBackward, leftInLeft, allBackward);
    for (int p = 1; p <= rightLength; p++) {
      int forward = p < rightLength ? rightInRight[p] : 0; // at middle and middle + p
      int backward = leftInAll[rightLength - p]; // before them
      if (forward + backward >= p) {
        add(tokens, middle - backward, middle + p + forward, p, found);
      }
    }
  }

  /// Keeps a span if it is maximal in the whole sequence. A span of more than three periods is
  /// found with multiples of its period too; the least stays.
  private static void add(
      int[] tokens, int start, int end, int period, Map<Long, Repetition> found) {
    boolean goesOn =
        (start > 0 && tokens[start - 1] == tokens[start - 1 + period])
            || (end < tokens.length && tokens[end] == tokens[end - period]);
    if (!goesOn) {
      found.merge(
          (long) start << 32 | end,
          new Repetition(start, end - start, period),
          (one, other) -> one.period() <= other.period() ? one : other);
    }
  }

  private static int[] copy(int[] tokens, int from, int to, boolean backward) {
    int[] copy = new int[to - from];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = tokens[backward ? to - 1 - i : from + i];
    }
    return copy;
  }

  /// How many tokens of the text are those that the pattern begins with, from each index of the
  /// text on: the Z algorithm (Gusfield, Algorithms on Strings, Trees, and Sequences, 1997).
  ///
  /// @param own the same of the pattern in itself
  private static int[] matches(int[] pattern, int[] own, int[] text) {
    int[] matches = new int[text.length];
    extend(pattern, own, text, matches, 0);
    return matches;
  }

  private static int[] matchesOfItself(int[] pattern) {
    int[] own = new int[pattern.length];
    extend(pattern, own, pattern, own, 1); // from 1 on it reads only what it has written before
    if (own.length > 0) {
      own[0] = own.length;
    }
    return own;
  }

  private static void extend(int[] pattern, int[] own, int[] text, int[] matches, int first) {
    int start = 0; // of the match that reaches furthest
    int end = 0;
    for (int i = first; i < text.length; i++) {
      int length = i < end ? Math.min(end - i, own[i - start]) : 0;
      while (length < pattern.length
          && i + length < text.length
          && pattern[length] == text[i + length]) {
        length++;
      }
      matches[i] = length;
      if (i + length > end) {
        start = i;
        end = i + length;
      }
    }
  }
}
