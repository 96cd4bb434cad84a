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

  private double[] masses = {}; // none until it is used: most copies of candidates never are
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

  /// Takes in the first `size` logits, none above `max`; returns the sum of all weights.
  double fill(float[] logits, int size, float max) {
    start(max);
    for (int i = 0; i < size; i++) {
      add(logits[i]);
    }
    return finish();
  }

  /// As above with the logits of {@link Keys}.
  double fill(long[] keys, int size, float max) {
    start(max);
    for (int i = 0; i < size; i++) {
      add(Keys.logit(keys[i]));
    }
    return finish();
  }

  private void start(float max) {
    this.max = max;
    if (masses.length == 0) {
      masses = new double[LAST + 1];
    } else {
      Arrays.fill(masses, 0);
    }
  }

  private void add(float logit) {
    int bucket = (int) ((max - logit) * PER_UNIT);
    if (bucket < LAST) {
      double d = centre(bucket) - (max - logit);
      masses[bucket] += 1 + d * (1 + d * (1 / 2.0 + d * (1 / 6.0 + d * (1 / 24.0))));
    } else {
      masses[LAST] += StrictMath.exp(logit - max);
    }
  }

  private double finish() {
    total = masses[LAST];
    for (int bucket = 0; bucket < LAST; bucket++) {
      masses[bucket] *= WEIGHT_OF_CENTRE[bucket];
      total += masses[bucket];
    }
    return total;
  }

  /// Whether a logit is in this bucket or one before it.
  private boolean isUpTo(int bucket, float logit) {
    return bucket == LAST || (max - logit) * PER_UNIT < bucket + 1;
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

  /// Packs the tokens up to and including a bucket, 0 to `size` - 1 with these logits, into `keys`,
  /// which has room for all; returns how many there are.
  ///
  /// Every token is written, and only the count depends on the comparison: a branch would be
  /// mispredicted half of the time.
  int gather(int bucket, float[] logits, int size, long[] keys) {
    int count = 0;
    for (int id = 0; id < size; id++) {
      keys[count] = Keys.of(logits[id], id);
      count += isUpTo(bucket, logits[id]) ? 1 : 0;
    }
    return count;
  }

  /// Moves the keys up to and including a bucket before the others; returns how many there are.
  int gather(int bucket, long[] keys, int size) {
    int count = 0;
    for (int i = 0; i < size; i++) {
      long key = keys[i];
      keys[i] = keys[count];
      keys[count] = key;
      count += isUpTo(bucket, Keys.logit(key)) ? 1 : 0;
    }
    return count;
  }

  /// Moves those of the keys up to a bucket that are in it behind the others; returns where they
  /// start.
  int separate(int bucket, long[] keys, int size) {
    int start = size;
    for (int i = 0; i < start; ) {
      long key = keys[i];
      if (isUpTo(bucket - 1, Keys.logit(key))) {
        i++;
      } else { // few are
        keys[i] = keys[--start];
        keys[start] = key;
      }
    }
    return start;
  }
}
