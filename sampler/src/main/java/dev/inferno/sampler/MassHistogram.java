package dev.inferno.sampler;

import java.util.Arrays;

/// The softmax weight, exp(logit - max), of many candidates by how far they are below the best one:
/// says where a cumulative probability is reached without sorting a whole vocabulary.
///
/// Inside a bucket, d away from its centre c, exp(c + d) is exp(c) times a short Taylor series. So
/// a candidate costs a few multiplications, and one exp per bucket was spent beforehand. With |d|
/// at most 1/256 the first term left out is below 1e-14.
///
/// Weights are computed a block at a time in loops that the compiler vectorises, and only then
/// added up, each bucket in the order of the candidates.
final class MassHistogram {
  private static final int PER_UNIT = 128;

  /// Buckets reach 32 below the best logit; the one behind them takes what is further below.
  private static final int LAST = 32 * PER_UNIT;

  private static final int BLOCK = 256;

  /// If fewer than one in so many logits are gathered, a branch is predicted well.
  private static final int FEW = 16;

  /// One in so many logits is looked at to tell how many will be gathered.
  private static final int SAMPLED = 64;

  private static final double[] WEIGHT_OF_CENTRE = weightsOfCentres();

  private double[] masses = {}; // none until it is used: most copies of candidates never are
  private double[] below = {}; // of a block: how far its logits are below the best one
  private int[] buckets = {}; // where they are
  private double[] weights = {}; // exp(d) of each
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
    for (int from = 0; from < size; from += BLOCK) {
      int count = Math.min(BLOCK, size - from);
      for (int i = 0; i < count; i++) {
        below[i] = this.max - logits[from + i];
      }
      addBlock(count);
    }
    return finish();
  }

  /// As above with the logits of {@link Keys}.
  double fill(long[] keys, int size, float max) {
    start(max);
    for (int from = 0; from < size; from += BLOCK) {
      int count = Math.min(BLOCK, size - from);
      for (int i = 0; i < count; i++) {
        below[i] = this.max - Keys.logit(keys[from + i]);
      }
      addBlock(count);
    }
    return finish();
  }

  private void start(float max) {
    this.max = max;
    if (masses.length == 0) {
      masses = new double[LAST + 1];
      below = new double[BLOCK];
      buckets = new int[BLOCK];
      weights = new double[BLOCK];
    } else {
      Arrays.fill(masses, 0);
    }
  }

  private void addBlock(int count) {
    for (int i = 0; i < count; i++) {
      buckets[i] = (int) (below[i] * PER_UNIT);
    }
    for (int i = 0; i < count; i++) {
      double d = centre(buckets[i]) - below[i];
      weights[i] = 1 + d * (1 + d * (1 / 2.0 + d * (1 / 6.0 + d * (1 / 24.0))));
    }
    for (int i = 0; i < count; i++) {
      if (buckets[i] < LAST) {
        masses[buckets[i]] += weights[i];
      } else {
        masses[LAST] += StrictMath.exp(-below[i]);
      }
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

  /// The lowest logit that is in this bucket or one before it.
  private float lowestUpTo(int bucket) {
    long without = Keys.rising(Float.floatToRawIntBits(Float.NEGATIVE_INFINITY));
    long with = Keys.rising(Float.floatToRawIntBits((float) max));
    while (bucket < LAST && with - without > 1) {
      long middle = (with + without) / 2;
      float logit = Float.intBitsToFloat(Keys.rising((int) middle));
      if ((max - logit) * PER_UNIT < bucket + 1) {
        with = middle;
      } else {
        without = middle;
      }
    }
    return bucket == LAST ? Float.NEGATIVE_INFINITY : Float.intBitsToFloat(Keys.rising((int) with));
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
  int gather(int bucket, float[] logits, int size, long[] keys) {
    float lowest = lowestUpTo(bucket);
    int sample = 0;
    for (int id = 0; id < size; id += SAMPLED) {
      sample += logits[id] >= lowest ? 1 : 0;
    }
    return sample < size / SAMPLED / FEW
        ? gatherFew(lowest, logits, size, keys)
        : gatherMany(lowest, logits, size, keys);
  }

  private static int gatherFew(float lowest, float[] logits, int size, long[] keys) {
    int count = 0;
    for (int id = 0; id < size; id++) {
      if (logits[id] >= lowest) {
        keys[count++] = Keys.of(logits[id], id);
      }
    }
    return count;
  }

  /// Every token is written, and only the count depends on the comparison: a branch would be
  /// mispredicted half of the time.
  private static int gatherMany(float lowest, float[] logits, int size, long[] keys) {
    int count = 0;
    for (int id = 0; id < size; id++) {
      keys[count] = Keys.of(logits[id], id);
      count += logits[id] >= lowest ? 1 : 0;
    }
    return count;
  }

  /// Moves the keys up to and including a bucket before the others; returns how many there are.
  int gather(int bucket, long[] keys, int size) {
    long last = Keys.last(lowestUpTo(bucket));
    int count = 0;
    for (int i = 0; i < size; i++) {
      long key = keys[i];
      keys[i] = keys[count];
      keys[count] = key;
      count += key <= last ? 1 : 0;
    }
    return count;
  }

  /// Moves those of the keys up to a bucket that are in it behind the others; returns where they
  /// start.
  int separate(int bucket, long[] keys, int size) {
    if (bucket == 0) {
      return 0;
    }
    long last = Keys.last(lowestUpTo(bucket - 1));
    int start = size;
    for (int i = 0; i < start; ) {
      long key = keys[i];
      if (key <= last) {
        i++;
      } else { // few are
        keys[i] = keys[--start];
        keys[start] = key;
      }
    }
    return start;
  }
}
