package dev.inferno.internal.quant;

import java.util.Arrays;

/// The search for the scale and the minimum of groups, for `value = scale q - minimum` with q from
/// 0 to some greatest number: what Q2_K, Q4_K and Q5_K do for each of their groups.
///
/// It begins with the scale and the minimum that bring the range of the values onto the range of q.
/// Then it stretches the values a little less and a little more: each stretch gives integers q, and
/// those the scale and the minimum that suit them best by weighted least squares; if the weighted
/// error is the least so far, they are taken, and the next stretch goes out from that minimum. This
/// is ggml's `make_qkx2_quants`, and it sums in the same order, so that it decides alike to the
/// last bit.
///
/// Many groups are searched side by side, one loop over them for each value: the sums do not wait
/// for each other, and the loops become vectors. The first index of a table is the value in its
/// group, the last one the group. For one thread at a time.
final class AffineSearch {
  /// The most groups at once.
  static final int GROUPS = 64;

  /// What counts in a group.
  enum Weighting {
    /// A value's weight is its magnitude plus the root mean square of the group, that of an error
    /// its square.
    SQUARES,
    /// A value's weight is its magnitude, that of an error its own.
    MAGNITUDES
  }

  private final int length;
  private final Weighting weighting;
  private final int most;
  private final float[] stretches;

  private final float[][] values;
  private final float[][] weights;
  private final float[] greatest = new float[GROUPS];
  private final float[] sumsOfWeights = new float[GROUPS];
  private final float[] sumsOfValues = new float[GROUPS];

  // the best so far
  private final float[] scales = new float[GROUPS];
  private final float[] offsets = new float[GROUPS];
  private final float[] leastErrors = new float[GROUPS];
  private final float[] usedInverses = new float[GROUPS];
  private final float[] usedOffsets = new float[GROUPS];

  // what is tried
  private final float[] inverses = new float[GROUPS];
  private final float[][] quants;
  private final float[] sumsOfQuants = new float[GROUPS];
  private final float[] sumsOfSquares = new float[GROUPS];
  private final float[] sumsOfProducts = new float[GROUPS];
  private final float[] triedScales = new float[GROUPS];
  private final float[] triedOffsets = new float[GROUPS];
  private final float[] errors = new float[GROUPS];

  /// A search over so many stretches of the range of values: the first to `most + first`, and on by
  /// tenths.
  ///
  /// @param length how many values a group has
  /// @param most the greatest q
  AffineSearch(int length, Weighting weighting, int most, float first, int count) {
    this.length = length;
    this.weighting = weighting;
    this.values = new float[length][GROUPS];
    this.weights = new float[length][GROUPS];
    this.quants = new float[length][GROUPS];
    this.most = most;
    this.stretches = new float[count];
    for (int i = 0; i < count; i++) {
      stretches[i] = first + 0.1f * i + most;
    }
  }

  /// The scale that was found for a group.
  float scale(int group) {
    return scales[group];
  }

  /// The minimum that was found for a group; it is subtracted.
  float minimum(int group) {
    return -offsets[group];
  }

  /// The q of a value, as they were when scale and minimum were found.
  int quant(int group, int i) {
    return scales[group] == 0
        ? 0
        : Rounding.nearest(usedInverses[group] * (values[i][group] - usedOffsets[group]), most);
  }

  /// Searches for each of the groups that begin at `from[at]`.
  void run(float[] from, int at, int groups) {
    for (int group = 0; group < groups; group++) {
      read(group, from, at + group * length);
    }
    begin(groups);
    for (float stretch : stretches) {
      for (int group = 0; group < groups; group++) {
        inverses[group] = stretch / (greatest[group] - offsets[group]);
      }
      round(groups);
      solve(groups);
      measure(groups);
      keepBetter(groups);
    }
    for (int group = 0; group < groups; group++) {
      if (greatest[group] == least(from, at + group * length)) {
        flatten(group);
      }
    }
  }

  /// Where the range begins: at most at 0.
  private float least(float[] from, int at) {
    return Math.min(0, Range.least(from, at, length));
  }

  private void read(int group, float[] from, int at) {
    float rootMeanSquare = weighting == Weighting.SQUARES ? rootMeanSquare(from, at) : 0;
    float sumOfWeights = 0;
    float sumOfValues = 0;
    for (int i = 0; i < length; i++) {
      float value = from[at + i];
      float weight = rootMeanSquare + Math.abs(value);
      values[i][group] = value;
      weights[i][group] = weight;
      sumOfWeights += weight;
      sumOfValues += weight * value;
    }
    sumsOfWeights[group] = sumOfWeights;
    sumsOfValues[group] = sumOfValues;
    offsets[group] = least(from, at);
    greatest[group] = Range.greatest(from, at, length);
  }

  private float rootMeanSquare(float[] from, int at) {
    float squares = 0;
    for (int i = 0; i < length; i++) {
      squares += from[at + i] * from[at + i];
    }
    return (float) Math.sqrt(squares / length);
  }

  /// Takes the plain way: the range of the values onto the range of q.
  private void begin(int groups) {
    for (int group = 0; group < groups; group++) {
      inverses[group] = most / (greatest[group] - offsets[group]);
      triedScales[group] = 1 / inverses[group];
      triedOffsets[group] = offsets[group];
    }
    round(groups);
    measure(groups);
    Arrays.fill(leastErrors, Float.POSITIVE_INFINITY);
    keepBetter(groups);
  }

  /// Rounds to integers, and adds up what the least squares need.
  private void round(int groups) {
    Arrays.fill(sumsOfQuants, 0);
    Arrays.fill(sumsOfSquares, 0);
    Arrays.fill(sumsOfProducts, 0);
    for (int i = 0; i < length; i++) {
      round(values[i], weights[i], quants[i], groups);
    }
  }

  private void round(float[] values, float[] weights, float[] quants, int groups) {
    float most = this.most;
    for (int group = 0; group < groups; group++) {
      float x = values[group];
      float nearest = Rounding.nearest(inverses[group] * (x - offsets[group]));
      float q = Math.max(0, Math.min(most, nearest));
      float weighted = weights[group] * q;
      quants[group] = q;
      sumsOfQuants[group] += weighted;
      sumsOfSquares[group] += weighted * q;
      sumsOfProducts[group] += weighted * x;
    }
  }

  /// Solves for the scale and the offset of each group; an offset is at most 0. Where there is no
  /// solution, the scale is NaN, and so the error.
  private void solve(int groups) {
    for (int group = 0; group < groups; group++) {
      float weightSum = sumsOfWeights[group];
      float valueSum = sumsOfValues[group];
      float quantSum = sumsOfQuants[group];
      float squareSum = sumsOfSquares[group];
      float productSum = sumsOfProducts[group];
      float determinant = weightSum * squareSum - quantSum * quantSum;
      float scale = (weightSum * productSum - valueSum * quantSum) / determinant;
      float offset = (squareSum * valueSum - quantSum * productSum) / determinant;
      if (offset > 0) {
        offset = 0;
        scale = productSum / squareSum;
      }
      triedScales[group] = determinant > 0 ? scale : Float.NaN;
      triedOffsets[group] = offset;
    }
  }

  private void measure(int groups) {
    Arrays.fill(errors, 0);
    for (int i = 0; i < length; i++) {
      measure(values[i], weights[i], quants[i], groups);
    }
  }

  private void measure(float[] values, float[] weights, float[] quants, int groups) {
    boolean squared = weighting == Weighting.SQUARES;
    for (int group = 0; group < groups; group++) {
      float seen = triedScales[group] * quants[group] + triedOffsets[group];
      float difference = seen - values[group];
      float error = squared ? difference * difference : Math.abs(difference);
      errors[group] += weights[group] * error;
    }
  }

  private void keepBetter(int groups) {
    for (int group = 0; group < groups; group++) {
      if (errors[group] < leastErrors[group]) {
        leastErrors[group] = errors[group];
        usedInverses[group] = inverses[group];
        usedOffsets[group] = offsets[group];
        scales[group] = triedScales[group];
        offsets[group] = triedOffsets[group];
      }
    }
  }

  /// Values that are all the same, and not positive, are the minimum.
  private void flatten(int group) {
    scales[group] = 0;
    offsets[group] = greatest[group];
  }
}
