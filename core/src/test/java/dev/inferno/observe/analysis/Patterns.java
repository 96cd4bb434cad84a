package dev.inferno.observe.analysis;

import java.util.SplittableRandom;

/// Patterns of attention for tests.
final class Patterns {
  private Patterns() {}

  /// Random causal patterns, `[heads, length, length]`.
  static float[] causal(int heads, int length, SplittableRandom random) {
    float[] pattern = new float[heads * length * length];
    for (int row = 0; row < heads * length; row++) {
      int visible = row % length + 1;
      double[] weights = random.doubles(visible).map(x -> x + 1e-3).toArray();
      double sum = 0;
      for (double weight : weights) {
        sum += weight;
      }
      for (int key = 0; key < visible; key++) {
        pattern[row * length + key] = (float) (weights[key] / sum);
      }
    }
    return pattern;
  }

  /// A head whose row i attends to position `keys[i]` only.
  static float[] pointing(int... keys) {
    float[] pattern = new float[keys.length * keys.length];
    for (int row = 0; row < keys.length; row++) {
      pattern[row * keys.length + keys[row]] = 1;
    }
    return pattern;
  }
}
