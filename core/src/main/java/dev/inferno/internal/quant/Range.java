package dev.inferno.internal.quant;

/// Between which numbers the values of a block lie, which decides its scale.
final class Range {
  private Range() {}

  /// The value of the largest magnitude, the first of them if there are several.
  static float farthest(float[] values, int at, int count) {
    float farthest = 0;
    for (int i = at; i < at + count; i++) {
      if (Math.abs(values[i]) > Math.abs(farthest)) {
        farthest = values[i];
      }
    }
    return farthest;
  }

  /// The least value; of zeros, the sign of the first.
  static float least(float[] values, int at, int count) {
    float least = values[at];
    for (int i = at + 1; i < at + count; i++) {
      if (values[i] < least) {
        least = values[i];
      }
    }
    return least;
  }

  /// The greatest value.
  static float greatest(float[] values, int at, int count) {
    float greatest = values[at];
    for (int i = at + 1; i < at + count; i++) {
      if (values[i] > greatest) {
        greatest = values[i];
      }
    }
    return greatest;
  }
}
