package dev.inferno.observe.analysis;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/// What kind of head a pattern of attention shows. Previous-token heads and the induction heads
/// that build on them are described by Olsson et al., 2022: <https://arxiv.org/abs/2209.11895>
///
/// A pattern is `[T, T]`: a row per position, in which it says how much it attends to each. That is
/// one head of `Hook.PATTERN` from a single forward over all T positions. What falls on a learned
/// sink is no part of it.
public final class HeadScores {
  private HeadScores() {}

  /// How much a head attends to the position before, as a mean over all positions but the first:
  /// from 0 to 1.
  ///
  /// @param pattern `[T, T]`
  /// @param length T, at least 2
  /// @throws IllegalArgumentException if a number is out of its range, or a row does not hold
  ///   probabilities
  public static double previousToken(float[] pattern, int length) {
    Arguments.requireAtLeast("length", length, 2);
    requirePattern(pattern, length);
    double sum = 0;
    for (int position = 1; position < length; position++) {
      sum += pattern[position * length + position - 1];
    }
    return sum / (length - 1);
  }

  /// How much a head attends to what followed the last time, on a sequence of tokens that repeats
  /// with a period (and best has no other repetition in it): the mean weight of position `i -
  /// period
  /// + 1` over all positions i from the second round on. From 0 to 1.
  ///
  /// @param pattern `[T, T]`
  /// @param length T
  /// @param period from 2 to T - 1; with 1 the position would be the row itself
  /// @throws IllegalArgumentException if a number is out of its range, or a row does not hold
  ///   probabilities
  public static double induction(float[] pattern, int length, int period) {
    if (period < 2 || period >= length) {
      throw new IllegalArgumentException(
          "period must be between 2 and length - 1 = %d, but is %d".formatted(length - 1, period));
    }
    requirePattern(pattern, length);
    double sum = 0;
    for (int position = period; position < length; position++) {
      sum += pattern[position * length + position - period + 1];
    }
    return sum / (length - period);
  }

  /// The same on any tokens: the mean weight of the position after the last earlier occurrence of
  /// the row's own token. Rows whose token occurs for the first time are left out, and so are those
  /// whose token stands just before them too, for which that position would be the row itself.
  ///
  /// @param pattern `[T, T]`
  /// @param tokens the T token ids
  /// @return empty if every row is left out
  /// @throws IllegalArgumentException if the pattern has another length, or a row does not hold
  ///   probabilities
  public static OptionalDouble induction(float[] pattern, int[] tokens) {
    int length = tokens.length;
    requirePattern(pattern, length);
    Map<Integer, Integer> last = new HashMap<>();
    double sum = 0;
    int rows = 0;
    for (int position = 0; position < length; position++) {
      Integer earlier = last.put(tokens[position], position);
      if (earlier != null && earlier + 1 < position) {
        sum += pattern[position * length + earlier + 1];
        rows++;
      }
    }
    return rows == 0 ? OptionalDouble.empty() : OptionalDouble.of(sum / rows);
  }

  /// How widely each head spreads its attention: the mean over its rows of the entropy, in nats. 0
  /// for a head that attends to one position at a time.
  ///
  /// @param pattern `[heads, rows, keys]`, also of a step with a single row
  /// @return `[heads]`
  /// @throws IllegalArgumentException if a number is out of its range, or a row does not hold
  ///   probabilities
  public static double[] entropy(float[] pattern, int heads, int rows, int keys) {
    Arguments.requireAtLeast("heads", heads, 1);
    Arguments.requireAtLeast("rows", rows, 1);
    Arguments.requireAtLeast("keys", keys, 1);
    Arguments.requireLength(
        "the pattern", pattern, Math.multiplyExact((long) heads * rows, (long) keys));
    double[] entropies = new double[heads];
    for (int head = 0; head < heads; head++) {
      for (int row = 0; row < rows; row++) {
        int at = (head * rows + row) * keys;
        Arguments.requireAttention("the pattern", pattern, at, at + keys);
        entropies[head] += Uncertainty.entropy(pattern, at, at + keys) / rows;
      }
    }
    return entropies;
  }

  private static void requirePattern(float[] pattern, int length) {
    Arguments.requireLength("the pattern", pattern, (long) length * length);
    for (int row = 0; row < length; row++) {
      Arguments.requireAttention("the pattern", pattern, row * length, (row + 1) * length);
    }
  }
}
