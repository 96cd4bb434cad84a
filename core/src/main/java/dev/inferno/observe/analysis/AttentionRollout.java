package dev.inferno.observe.analysis;

import java.util.List;

/// How much of each position flows to each later one through all layers, if attention and the
/// residual stream carry half each. Abnar and Zuidema, 2020: <https://arxiv.org/abs/2005.00928>
///
/// It sees where information could flow and not what the values and the feed-forward do with it.
public final class AttentionRollout {
  private AttentionRollout() {}

  /// The product over the layers, the last one leftmost, of `0.5 mean(heads) + 0.5 identity`, each
  /// with rows divided by their sums.
  ///
  /// @param patterns one array per layer, `[heads, T, T]`: how much each position attends to each;
  ///   `Hook.PATTERN` of a single forward over all T positions
  /// @param heads how many heads each array holds
  /// @param length T
  /// @return `[T][T]`, a row per position, in which each sums to 1
  /// @throws IllegalArgumentException if there is no layer, an array has another length, or a row
  ///   does not hold probabilities
  public static double[][] of(List<float[]> patterns, int heads, int length) {
    Arguments.requireAtLeast("the number of layers", patterns.size(), 1);
    Arguments.requireAtLeast("heads", heads, 1);
    Arguments.requireAtLeast("length", length, 1);
    double[][] rollout = flow(patterns.getFirst(), 0, heads, length);
    for (int layer = 1; layer < patterns.size(); layer++) {
      rollout = product(flow(patterns.get(layer), layer, heads, length), rollout);
    }
    return rollout;
  }

  /// What one layer carries from each position to each.
  private static double[][] flow(float[] pattern, int layer, int heads, int length) {
    String what = "the pattern of layer " + layer;
    Arguments.requireLength(what, pattern, (long) heads * length * length);
    double[][] flow = new double[length][length];
    for (int row = 0; row < length; row++) {
      for (int head = 0; head < heads; head++) {
        int at = (head * length + row) * length;
        Arguments.requireAttention(what, pattern, at, at + length);
        for (int key = 0; key < length; key++) {
          flow[row][key] += 0.5 * pattern[at + key] / heads;
        }
      }
      flow[row][row] += 0.5;
      divideBySum(flow[row]);
    }
    return flow;
  }

  private static void divideBySum(double[] row) {
    double sum = 0;
    for (double value : row) {
      sum += value;
    }
    for (int i = 0; i < row.length; i++) {
      row[i] /= sum;
    }
  }

  private static double[][] product(double[][] left, double[][] right) {
    int length = left.length;
    double[][] product = new double[length][length];
    for (int row = 0; row < length; row++) {
      for (int middle = 0; middle < length; middle++) {
        double weight = left[row][middle];
        if (weight != 0) { // where the mask is, most of a long text
          for (int key = 0; key < length; key++) {
            product[row][key] += weight * right[middle][key];
          }
        }
      }
    }
    return product;
  }
}
