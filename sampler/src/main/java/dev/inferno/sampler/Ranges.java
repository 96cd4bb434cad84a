package dev.inferno.sampler;

/// Checks of arguments, so that their messages read alike.
final class Ranges {
  private Ranges() {}

  static float between(String name, float low, float high, float value) {
    if (!(value >= low && value <= high)) {
      throw new IllegalArgumentException(
          "%s must be between %s and %s, but is %s"
              .formatted(name, number(low), number(high), number(value)));
    }
    return value;
  }

  static float finite(String name, float value) {
    if (!Float.isFinite(value)) {
      throw new IllegalArgumentException(
          "%s must be a finite number, but is %s".formatted(name, number(value)));
    }
    return value;
  }

  /// `low` itself is in range if `inclusive`.
  static float finiteFrom(String name, float low, boolean inclusive, float value) {
    if (!(inclusive ? value >= low : value > low) || value == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "%s must be finite and %s %s, but is %s"
              .formatted(name, inclusive ? "at least" : "above", number(low), number(value)));
    }
    return value;
  }

  static int atLeast(String name, int low, int value) {
    if (value < low) {
      throw new IllegalArgumentException(
          "%s must be at least %d, but is %d".formatted(name, low, value));
    }
    return value;
  }

  /// Without a fraction where there is none: `1`, not `1.0`.
  private static String number(float value) {
    return value == (int) value ? Integer.toString((int) value) : Float.toString(value);
  }
}
