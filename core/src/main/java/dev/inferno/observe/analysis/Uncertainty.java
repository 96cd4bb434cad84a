package dev.inferno.observe.analysis;

import java.util.Objects;

/// How sure a prediction is, and how surprised it is by what comes. Logarithms are natural, so the
/// unit is the nat. A logit may be minus infinity: a token that cannot come.
public final class Uncertainty {
  private Uncertainty() {}

  /// The entropy of a row of probabilities, in nats: 0 if one outcome is certain, `log(n)` if n are
  /// equally likely. Shannon, 1948.
  ///
  /// @throws IllegalArgumentException if a number is negative or not finite, or their sum is not
  ///   within 0.001 of 1
  public static double entropy(float[] probabilities) {
    Arguments.requireProbabilities("probabilities", probabilities, 0, probabilities.length);
    return entropy(probabilities, 0, probabilities.length);
  }

  static double entropy(float[] probabilities, int from, int to) {
    double entropy = 0;
    for (int i = from; i < to; i++) {
      double p = probabilities[i];
      entropy -= p == 0 ? 0 : p * Math.log(p);
    }
    return Math.max(0, entropy); // a single probability may have been rounded above 1
  }

  /// The entropy of the softmax of logits, in nats.
  ///
  /// @throws IllegalArgumentException if a logit is not a number or infinite, or all are minus
  ///   infinity
  public static double entropyOfLogits(float[] logits) {
    double max = max(logits);
    double sum = 0;
    double weighted = 0;
    for (float logit : logits) {
      if (logit != Float.NEGATIVE_INFINITY) {
        double below = logit - max;
        double weight = Math.exp(below);
        sum += weight;
        weighted += weight * below;
      }
    }
    return Math.max(0, Math.log(sum) - weighted / sum);
  }

  /// The distance between the largest and the second largest number: of logits or of probabilities.
  /// Positive infinity if there is no second one.
  ///
  /// @throws IllegalArgumentException if a number is not a number or infinite, or all are minus
  ///   infinity
  public static double margin(float[] values) {
    double first = max(values);
    double second = Double.NEGATIVE_INFINITY;
    boolean skipped = false;
    for (float value : values) {
      if (value == first && !skipped) {
        skipped = true;
      } else {
        second = Math.max(second, value);
      }
    }
    return first - second;
  }

  /// The negative logarithm of a token's probability in the softmax of logits, in nats. Positive
  /// infinity for a token that cannot come.
  ///
  /// @throws IndexOutOfBoundsException if there is no logit for the token
  /// @throws IllegalArgumentException if a logit is not a number or infinite, or all are minus
  ///   infinity
  public static double surprisal(float[] logits, int id) {
    float logit = logits[Objects.checkIndex(id, logits.length)];
    double max = max(logits);
    double sum = 0;
    for (float other : logits) {
      sum += Math.exp(other - max);
    }
    return Math.max(0, max - logit + Math.log(sum));
  }

  /// The Kullback-Leibler divergence of two predictions, `KL(p||q) = sum of p (ln p - ln q)`, in
  /// nats: how many more a text of p costs that is written in the code of q. p and q are the
  /// softmax of the logits. 0 if they are equal; positive infinity if a token that p has cannot
  /// come in q. Kullback and Leibler, 1951.
  ///
  /// @param logits of p
  /// @param others of q
  /// @throws IllegalArgumentException if they are not equally many, one is not a number or
  ///   infinite, or all of one are minus infinity
  public static double divergence(float[] logits, float[] others) {
    Arguments.requireLength("the logits of q", others, logits.length);
    double most = max(logits);
    double othersMost = max(others);
    double sum = 0;
    double othersSum = 0;
    double weighted = 0;
    for (int i = 0; i < logits.length; i++) {
      double below = logits[i] - most;
      double othersBelow = others[i] - othersMost;
      double weight = Math.exp(below);
      sum += weight;
      othersSum += Math.exp(othersBelow);
      weighted += weight == 0 ? 0 : weight * (below - othersBelow);
    }
    return Math.max(0, weighted / sum - Math.log(sum) + Math.log(othersSum));
  }

  /// The exponential of the mean of surprisals in nats: among how many equally likely tokens a
  /// model hesitates on average.
  ///
  /// @throws IllegalArgumentException if there are none, or one is negative or not a number
  public static double perplexity(double[] surprisals) {
    Arguments.requireAtLeast("the number of surprisals", surprisals.length, 1);
    double sum = 0;
    for (double surprisal : surprisals) {
      if (!(surprisal >= 0)) {
        throw new IllegalArgumentException("a surprisal must be at least 0, but is " + surprisal);
      }
      sum += surprisal;
    }
    return Math.exp(sum / surprisals.length);
  }

  private static double max(float[] values) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "numbers must be finite or minus infinity, but number %d is %s"
                .formatted(i, values[i]));
      }
      max = Math.max(max, values[i]);
    }
    if (max == Double.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException(
          "none of the %d numbers is finite".formatted(values.length));
    }
    return max;
  }
}
