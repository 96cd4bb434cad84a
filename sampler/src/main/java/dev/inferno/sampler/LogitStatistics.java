package dev.inferno.sampler;

import java.util.Arrays;
import java.util.Objects;

/// What is known of the raw logits of one step, before any stage: an object to use again for every
/// step.
///
/// Alone it computes what is asked for, when it is asked for, in plain Java. An engine that passes
/// over the logits anyway computes the values on its way and hands them in with {@link #provide};
/// nothing that decides the choice depends on how their last bits were rounded. The largest and the
/// finite ones are exact.
///
/// For one thread at a time. It refers to the logits, which must not change while it is in use.
public final class LogitStatistics {
  private static final double UNKNOWN = Double.NaN;

  private final Extremes extremes = new Extremes();
  private float[] logits = {};
  private float max;
  private int finite;
  private double logSumExp;
  private double entropy;
  private int[] topIds = {};
  private int topCount;

  /// Knows of no logits yet.
  public LogitStatistics() {}

  /// The statistics of the given logits.
  public static LogitStatistics of(float[] logits) {
    LogitStatistics statistics = new LogitStatistics();
    statistics.reset(logits);
    return statistics;
  }

  /// Begins with new logits.
  public void reset(float[] logits) {
    extremes.find(logits, logits.length);
    int removed = 0;
    if (extremes.lowest() == Float.NEGATIVE_INFINITY) {
      for (float logit : logits) {
        if (logit == Float.NEGATIVE_INFINITY) {
          removed++;
        }
      }
    }
    provide(logits, extremes.highest(), logits.length - removed, UNKNOWN, UNKNOWN);
  }

  /// Begins with new logits, of which the caller knows everything. All of it is over those logits
  /// that are not minus infinity.
  ///
  /// @param logits one for each token of the vocabulary
  /// @param max the largest, or not a number if any of them is not
  /// @param finite how many there are
  /// @param logSumExp the natural logarithm of the sum of exp(logit)
  /// @param entropy of the softmax, in nats
  public void provide(float[] logits, float max, int finite, double logSumExp, double entropy) {
    this.logits = logits;
    this.max = max;
    this.finite = finite;
    this.logSumExp = logSumExp;
    this.entropy = entropy;
    this.topCount = 0;
  }

  /// Adds the ids of the `count` largest logits, largest first, ties by the lowest id. Copied.
  public void provideTop(int[] ids, int count) {
    if (topIds.length < count) {
      topIds = new int[count];
    }
    System.arraycopy(ids, 0, topIds, 0, count);
    topCount = count;
  }

  /// The length of the logits.
  public int vocabulary() {
    return logits.length;
  }

  /// The raw logit of a token.
  public float logit(int id) {
    return logits[Objects.checkIndex(id, logits.length)];
  }

  /// The largest logit; not a number if any of them is not.
  public float max() {
    return max;
  }

  /// How many logits are not minus infinity.
  public int finite() {
    return finite;
  }

  /// The natural logarithm of the sum of exp(logit).
  public double logSumExp() {
    if (Double.isNaN(logSumExp)) {
      computeSums();
    }
    return logSumExp;
  }

  /// The entropy of the softmax of the raw logits, in nats: 0 if one token is certain.
  public double entropy() {
    if (Double.isNaN(entropy)) {
      computeSums();
    }
    return entropy;
  }

  /// The natural logarithm of a token's raw probability.
  public double logProbability(int id) {
    return logit(id) - logSumExp();
  }

  /// The id of the token with the `rank`-th largest logit, from 0, ties by the lowest id.
  public int topId(int rank) {
    Objects.checkIndex(rank, finite);
    if (rank >= topCount) {
      computeTop(Math.min(finite, Math.max(32, 2 * rank)));
    }
    return topIds[rank];
  }

  /// With weights w = exp(logit - max) of sum s, the entropy is log s - (sum of w (logit - max)) /
  /// s.
  private void computeSums() {
    double sum = 0;
    double weighted = 0;
    for (float logit : logits) {
      if (logit != Float.NEGATIVE_INFINITY) {
        double below = (double) logit - max;
        double weight = StrictMath.exp(below);
        sum += weight;
        weighted += weight * below;
      }
    }
    logSumExp = max + StrictMath.log(sum);
    entropy = StrictMath.log(sum) - weighted / sum;
  }

  private void computeTop(int count) {
    Candidates best = new Candidates();
    best.begin(this);
    best.keepBest(count);
    best.sort();
    topIds = Arrays.copyOf(topIds, Math.max(topIds.length, count));
    for (int rank = 0; rank < count; rank++) {
      topIds[rank] = best.id(rank);
    }
    topCount = count;
  }

  float[] logits() {
    return logits;
  }
}
