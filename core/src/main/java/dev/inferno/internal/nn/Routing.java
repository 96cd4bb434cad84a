package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import java.util.Arrays;

/// How the experts of a mixture are chosen, and how much each counts. Immutable.
public final class Routing {
  private static final float LEAST_SUM = 1e-20f; // is added, so that nothing is divided by 0

  private final int used;
  private final Gating gating;
  private final boolean renormalised;
  private final float scale;
  private final float[] bias;
  private final int groups;
  private final int groupsUsed;

  /// What makes shares of scores.
  public enum Gating {
    /// The softmax over all experts. A group is as good as its best expert.
    SOFTMAX,
    /// The sigmoid of each score. A group is as good as its best two experts together.
    SIGMOID
  }

  /// A routing of these.
  ///
  /// @param used how many experts a row passes through
  /// @param gating what makes shares of the router's scores
  /// @param renormalised whether the shares of the chosen ones are scaled to sum to 1; with a
  ///   softmax that is the same as one over the scores of these only
  /// @param scale what the shares are multiplied by at last
  /// @param bias what is added to each expert's share where the best are found, and only there;
  ///   empty for nothing. <https://arxiv.org/abs/2408.15664>
  /// @param groups how many groups of neighbours the experts are in; 1 for no groups
  /// @param groupsUsed how many of them the chosen ones may be in, the best
  public Routing(
      int used,
      Gating gating,
      boolean renormalised,
      float scale,
      float[] bias,
      int groups,
      int groupsUsed) {
    this.used = used;
    this.gating = gating;
    this.renormalised = renormalised;
    this.scale = scale;
    this.bias = bias;
    this.groups = groups;
    this.groupsUsed = groupsUsed;
  }

  /// The best few by their softmax.
  public static Routing softmax(int used, boolean renormalised) {
    return new Routing(used, Gating.SOFTMAX, renormalised, 1, new float[0], 1, 1);
  }

  /// How many experts a row passes through.
  int used() {
    return used;
  }

  /// Makes shares of the scores of a row, in place.
  void share(float[] scores, int at, int count, Kernels kernels) {
    if (gating == Gating.SOFTMAX) {
      kernels.softmax(scores, at, count);
      return;
    }
    for (int i = at; i < at + count; i++) {
      scores[i] = (float) (1 / (1 + Math.exp(-scores[i])));
    }
  }

  /// The experts of a row, in order of falling share, the lowest index first among equals, and how
  /// much each counts.
  void choose(int row, int count, MixtureScratch mixture) {
    float[] shares = mixture.routerProbabilities.data();
    float[] weights = mixture.weights.data();
    int first = row * used;
    System.arraycopy(shares, row * count, mixture.selection, 0, count);
    for (int i = 0; i < bias.length; i++) {
      mixture.selection[i] += bias[i];
    }
    if (groups > 1) {
      keepBestGroups(mixture.selection, mixture.groupScores, count / groups);
    }
    for (int rank = 0; rank < used; rank++) {
      int best = -1;
      for (int expert = 0; expert < count; expert++) {
        boolean better = best < 0 || mixture.selection[expert] > mixture.selection[best];
        if (better && !isChosen(expert, mixture.chosen, first, first + rank)) {
          best = expert;
        }
      }
      insert(best, rank, first, shares, row * count, mixture.chosen);
    }
    float sum = 0;
    for (int place = first; place < first + used; place++) {
      weights[place] = shares[row * count + mixture.chosen[place]];
      sum += weights[place];
    }
    for (int place = first; place < first + used; place++) {
      float weight = renormalised ? weights[place] / (sum + LEAST_SUM) : weights[place];
      weights[place] = weight * scale;
    }
  }

  /// Puts an expert at its place among those chosen before: with a bias the best need not have the
  /// largest share.
  private static void insert(
      int expert, int rank, int first, float[] shares, int at, int[] chosen) {
    int place = first + rank;
    while (place > first && isBefore(expert, chosen[place - 1], shares, at)) {
      chosen[place] = chosen[place - 1];
      place--;
    }
    chosen[place] = expert;
  }

  private static boolean isBefore(int expert, int other, float[] shares, int at) {
    float share = shares[at + expert];
    float others = shares[at + other];
    return share > others || (share == others && expert < other);
  }

  private static boolean isChosen(int expert, int[] chosen, int from, int to) {
    for (int i = from; i < to; i++) {
      if (chosen[i] == expert) {
        return true;
      }
    }
    return false;
  }

  /// Sets what is not in the best groups to minus infinity.
  private void keepBestGroups(float[] selection, float[] scores, int size) {
    for (int group = 0; group < groups; group++) {
      scores[group] = score(selection, group * size, size);
    }
    for (int group = 0; group < groups; group++) {
      int better = 0;
      for (int other = 0; other < groups; other++) {
        boolean isBetter =
            other < group ? scores[other] >= scores[group] : scores[other] > scores[group];
        better += isBetter ? 1 : 0;
      }
      if (better >= groupsUsed) {
        Arrays.fill(selection, group * size, (group + 1) * size, Float.NEGATIVE_INFINITY);
      }
    }
  }

  /// How good a group is.
  private float score(float[] selection, int from, int size) {
    float best = Float.NEGATIVE_INFINITY;
    float second = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + size; i++) {
      if (selection[i] > best) {
        second = best;
        best = selection[i];
      } else if (selection[i] > second) {
        second = selection[i];
      }
    }
    return gating == Gating.SOFTMAX || size == 1 ? best : best + second;
  }
}
