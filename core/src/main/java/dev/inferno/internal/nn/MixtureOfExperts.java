package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.util.List;

/// A feed-forward made of many, of which each row passes through a few: a router scores the
/// experts, the softmax over all of them says how much each counts, the best are taken and their
/// shares scaled to sum to 1, and their outputs are summed by share, the best first.
/// <https://arxiv.org/abs/2401.04088>
///
/// @param router `[experts, width]`
/// @param used how many experts a row passes through
public record MixtureOfExperts(Linear router, List<SwiGlu> experts, int used, Kernels kernels) {

  /// Feeds every row of `x` forward into `out`. Expert by expert, so that its weights are read once
  /// for all rows that chose it; a row's result does not depend on the others.
  public void apply(Rows x, Rows out, State state) {
    MixtureScratch mixture = state.mixture;
    router.apply(x, mixture.routerLogits);
    mixture.resize(x);
    for (int row = 0; row < x.rows(); row++) {
      choose(row, mixture);
    }
    for (int expert = 0; expert < experts.size(); expert++) {
      pass(expert, x, state);
    }
    out.resize(x.rows(), x.longRows());
    int width = x.width();
    for (int row = 0; row < x.rows(); row++) {
      int from = row * used * width;
      System.arraycopy(mixture.expertOut.data(), from, out.data(), row * width, width);
      for (int rank = 1; rank < used; rank++) {
        int at = from + rank * width;
        kernels.add(out.data(), row * width, mixture.expertOut.data(), at, width);
      }
    }
  }

  /// The experts of a row, in order of falling share, the lowest index first among equals, and
  /// their shares.
  private void choose(int row, MixtureScratch mixture) {
    int count = experts.size();
    float[] shares = mixture.routerProbabilities.data();
    System.arraycopy(mixture.routerLogits.data(), row * count, shares, row * count, count);
    kernels.softmax(shares, row * count, count);
    int first = row * used;
    float sum = 0;
    for (int rank = 0; rank < used; rank++) {
      int best = -1;
      for (int expert = 0; expert < count; expert++) {
        boolean better = best < 0 || shares[row * count + expert] > shares[row * count + best];
        if (better && !isChosen(expert, mixture.chosen, first, first + rank)) {
          best = expert;
        }
      }
      mixture.chosen[first + rank] = best;
      mixture.weights.data()[first + rank] = shares[row * count + best];
      sum += shares[row * count + best];
    }
    for (int rank = 0; rank < used; rank++) {
      mixture.weights.data()[first + rank] /= sum;
    }
  }

  private static boolean isChosen(int expert, int[] chosen, int from, int to) {
    for (int i = from; i < to; i++) {
      if (chosen[i] == expert) {
        return true;
      }
    }
    return false;
  }

  /// Passes the rows that chose an expert through it.
  private void pass(int expert, Rows x, State state) {
    MixtureScratch mixture = state.mixture;
    int rows = 0;
    int longRows = 0;
    for (int place = 0; place < x.rows() * used; place++) {
      if (mixture.chosen[place] == expert) {
        mixture.places[rows++] = place;
        longRows += place / used < x.longRows() ? 1 : 0;
      }
    }
    if (rows == 0) {
      return;
    }
    int width = x.width();
    Rows input = mixture.input.resize(rows, longRows);
    for (int i = 0; i < rows; i++) {
      int row = mixture.places[i] / used;
      System.arraycopy(x.data(), row * width, input.data(), i * width, width);
    }
    experts.get(expert).apply(input, mixture.output, state);
    float[] out = mixture.expertOut.data();
    for (int i = 0; i < rows; i++) {
      int place = mixture.places[i];
      System.arraycopy(mixture.output.data(), i * width, out, place * width, width);
      kernels.scale(out, place * width, mixture.weights.data()[place], width);
    }
  }
}
