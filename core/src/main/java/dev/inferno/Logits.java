package dev.inferno;

import dev.inferno.internal.kernels.Kernels;
import java.util.Arrays;
import java.util.Objects;

/// The scores of every token to come next, as the model gives them. A view of the session: it shows
/// the logits of the latest position, and changes with the next one. For one thread at a time.
public final class Logits {
  private final float[] values;
  private final Kernels kernels;
  private final double[] statistics = new double[4];

  Logits(float[] values, Kernels kernels) {
    this.values = values;
    this.kernels = kernels;
  }

  /// How many tokens there are.
  public int size() {
    return values.length;
  }

  /// The logit of a token.
  ///
  /// @throws IndexOutOfBoundsException if the vocabulary has no such token
  public float get(int id) {
    return values[Objects.checkIndex(id, values.length)];
  }

  /// The token with the largest logit, the lowest of them if there are several.
  public int argmax() {
    kernels.statistics(values, 0, values.length, statistics);
    return (int) statistics[1];
  }

  /// The logarithm of the sum of the exponentials of all logits: what a logit is less by to become
  /// a log-probability.
  public double logSumExp() {
    kernels.statistics(values, 0, values.length, statistics);
    return statistics[2];
  }

  /// The probability of a token in the softmax.
  public double probability(int id) {
    return Math.exp(get(id) - logSumExp());
  }

  /// All of them, a fresh copy.
  public float[] copy() {
    return Arrays.copyOf(values, values.length);
  }
}
