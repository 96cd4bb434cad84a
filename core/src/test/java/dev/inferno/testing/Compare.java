package dev.inferno.testing;

import static org.assertj.core.api.Assertions.assertThat;

/// Comparisons of arrays that say where they differ most.
public final class Compare {
  private Compare() {}

  /// Every value within an absolute tolerance of the expected one.
  public static void close(String what, float[] actual, float[] expected, double tolerance) {
    assertThat(actual.length).as("length of %s", what).isEqualTo(expected.length);
    int worst = 0;
    double most = -1;
    for (int i = 0; i < actual.length; i++) {
      double difference = actual[i] == expected[i] ? 0 : Math.abs((double) actual[i] - expected[i]);
      if (!(difference <= most)) { // also not a number
        most = difference;
        worst = i;
      }
    }
    assertThat(actual.length == 0 || most <= tolerance)
        .as(
            "%s: differs by %s (allowed %s) at index %d: %s, expected %s",
            what,
            most,
            tolerance,
            worst,
            actual.length == 0 ? "" : actual[worst],
            expected.length == 0 ? "" : expected[worst])
        .isTrue();
  }

  /// The index of the largest value, the lowest if there are several.
  public static int argmax(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] > values[best]) {
        best = i;
      }
    }
    return best;
  }
}
