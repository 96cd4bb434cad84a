package dev.inferno.observe.analysis;

/// Checks of arguments that several analyses share.
final class Arguments {
  /// How far the sum of a row of probabilities may be from 1.
  private static final double SLACK = 1e-3;

  private Arguments() {}

  static void requireFinite(String what, float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "%s must be finite, but number %d is %s".formatted(what, i, values[i]));
      }
    }
  }

  static void requireLength(String what, float[] values, long length) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          "%s must have %d numbers, but has %d".formatted(what, length, values.length));
    }
  }

  static void requireAtLeast(String what, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s must be at least %d, but is %d".formatted(what, least, value));
    }
  }

  /// Checks a run of an array: no negative number, none that is not finite, the sum 1.
  static void requireProbabilities(String what, float[] values, int from, int to) {
    double sum = sumOfProbabilities(what, values, from, to);
    if (Math.abs(sum - 1) > SLACK) {
      throw new IllegalArgumentException(
          "%s must hold probabilities whose sum is 1, but the sum of numbers %d to %d is %s"
              .formatted(what, from, to - 1, sum));
    }
  }

  /// The same for a row of attention, of which a sink may have taken a part.
  static void requireAttention(String what, float[] values, int from, int to) {
    double sum = sumOfProbabilities(what, values, from, to);
    if (!(sum > 0) || sum - 1 > SLACK) {
      throw new IllegalArgumentException(
          "%s must hold probabilities whose sum is above 0 and at most 1, but that of numbers %d to %d is %s"
              .formatted(what, from, to - 1, sum));
    }
  }

  private static double sumOfProbabilities(String what, float[] values, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      if (!(values[i] >= 0 && values[i] < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "%s must hold probabilities, but number %d is %s".formatted(what, i, values[i]));
      }
      sum += values[i];
    }
    return sum;
  }
}
