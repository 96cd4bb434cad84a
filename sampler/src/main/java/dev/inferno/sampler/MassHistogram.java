package dev.inferno.sampler;

import java.util.Arrays;

/// The softmax weight, exp(logit - max), of many candidates by how far they are below the best one:
/// says where a cumulative probability is reached without sorting a whole vocabulary.
///
/// Inside a bucket, d away from its centre c, exp(c + d) is exp(c) times a short Taylor series. So
/// a candidate costs a few multiplications, and one exp per bucket was spent beforehand. With |d|
/// at most 1/256 the first term left out is below 1e-14.
final class MassHistogram {
  private static final int PER_UNIT = 128;

  /// Buckets reach 32 below the best logit; the one behind them takes what is further below.
  private static final int LAST = 32 * PER_UNIT;

  private static final double[] WEIGHT_OF_CENTRE = weightsOfCentres();

  private final double[] masses = new double[LAST + 1];
  private double max;
  private double total;

  private static double[] weightsOfCentres() {
    double[] weights = new double[LAST];
    for (int bucket = 0; bucket < LAST; bucket++) {
      weights[bucket] = StrictMath.exp(-centre(bucket));
    }
    return weights;
  }

  /// How far the middle of a bucket is below the best logit.
  private static double centre(int bucket) {
    return (bucket + 0.5) / PER_UNIT;
  }

  /// Empties it; no logit that follows is above `max`.
  void start(float max) {
    this.max = max;
    Arrays.fill(masses, 0);
  }

  void add(float logit) {
    int bucket = bucket(logit);
    if (bucket < LAST) {
      double d = centre(bucket) - (max - logit);
      masses[bucket] += 1 + d * (1 + d * (1 / 2.0 + d * (1 / 6.0 + d * (1 / 24.0))));
    } else {
      masses[LAST] += StrictMath.exp(logit - max);
    }
  }

  /// Ends adding; returns the sum of all weights.
  double finish() {
    total = 0;
    for (int bucket = 0; bucket <= LAST; bucket++) {
      if (bucket < LAST) {
        masses[bucket] *= WEIGHT_OF_CENTRE[bucket];
      }
      total += masses[bucket];
    }
    return total;
  }

  /// The bucket of a logit: 0 holds the best. Never falls as the logit falls.
  int bucket(float logit) {
    return (int) Math.min(LAST, (max - logit) * PER_UNIT);
  }

  /// The first bucket that, with all before it, holds the given fraction of the whole.
  int bucketReaching(double fraction) {
    double wanted = fraction * total;
    double sum = 0;
    for (int bucket = 0; bucket < LAST; bucket++) {
      sum += masses[bucket];
      if (sum >= wanted) {
        return bucket;
      }
    }
    return LAST;
  }

  /// The sum of the weights in all buckets before this one.
  double massBefore(int bucket) {
    double sum = 0;
    for (int i = 0; i < bucket; i++) {
      sum += masses[i];
    }
    return sum;
  }
}
