package dev.inferno.internal.quant;

/// The search for the scale of a group of 32, for `value = scale level[q]` with ggml's uneven
/// levels: what IQ4_NL and IQ4_XS do for each of their groups.
///
/// A few inverse scales around the one that maps the value of the largest magnitude to the least
/// level are tried. Each gives nibbles q, and those the scale that suits them best by least
/// squares, where the weight of a value is its square; the trial with the least weighted error
/// wins. This is ggml's `quantize_row_iq4_nl_impl`, and it sums in the same order, so that it
/// decides alike to the last bit.
final class LevelSearch {
  private static final int LENGTH = 32;
  private static final int TRIALS = 7; // to each side

  private LevelSearch() {}

  /// The scale of the group that begins at `values[at]`; 0 for a group of zeros.
  static float scale(float[] values, int at) {
    float farthest = Range.farthest(values, at, LENGTH);
    if (Math.abs(farthest) < LinearSearch.NOTHING) {
      return 0;
    }
    float least = Levels.NON_LINEAR.at(0);
    float scale = 0;
    float gain = 0; // how much less than that of zeros the error is
    for (int trial = -TRIALS - 1; trial <= TRIALS; trial++) {
      boolean isFirst = trial < -TRIALS; // the one that turns the signs round
      float inverse = isFirst ? 1 / (-farthest / least) : (trial + least) / farthest;
      float products = 0;
      float squares = 0;
      for (int i = at; i < at + LENGTH; i++) {
        float level = Levels.NON_LINEAR.at(Levels.NON_LINEAR.nearestRising(inverse * values[i]));
        float weighted = values[i] * values[i] * level;
        products += weighted * values[i];
        squares += weighted * level;
      }
      if (squares > 0 && (isFirst || products * products > gain * squares)) {
        scale = products / squares;
        gain = scale * products;
      }
    }
    return scale;
  }

  /// The nibbles of the group that begins at `values[at]`, at a scale.
  static void nibbles(float scale, float[] values, int at, int[] nibbles) {
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int i = 0; i < LENGTH; i++) {
      nibbles[i] = Levels.NON_LINEAR.nearestRising(inverse * values[at + i]);
    }
  }
}
