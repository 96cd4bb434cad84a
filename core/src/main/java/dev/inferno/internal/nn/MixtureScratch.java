package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.RowTiles;
import dev.inferno.internal.kernels.Rows;

/// What a mixture of experts needs beside its rows: who goes where, and what comes back. Grows and
/// is used again.
final class MixtureScratch {
  final Rows routerLogits; // [rows, experts]
  final Rows routerProbabilities; // [rows, experts]
  final Rows weights; // [rows, used], of the chosen experts, falling
  final Rows input; // [rows of one expert, width]
  final Rows gateUp; // [rows of one expert, 2 * feed-forward]
  final Rows hidden; // [rows of one expert, feed-forward]
  final Rows output; // [rows of one expert, width]
  final Rows expertOut; // [rows, used * width], weighted, in the order of weights
  final Rows expertPost; // [rows, used * feed-forward], in the order of weights, if it is shown
  final float[] selection; // [experts], of one row: by what the best are found
  final float[] groupScores; // [experts], of one row: of each group, of which there may be as many
  private final Rows indices; // chosen as floats, to be shown
  int placesCount; // of places
  int[] chosen = new int[1]; // [rows, used], which experts those are
  int[] places = new int[1]; // [rows of one expert], where each is in chosen

  MixtureScratch(int width, int feedForward, int experts, int used, RowTiles tiles) {
    routerLogits = new Rows(1, experts);
    routerProbabilities = new Rows(1, experts);
    weights = new Rows(1, used);
    input = new Rows(1, width, tiles);
    gateUp = new Rows(1, 2 * feedForward);
    hidden = new Rows(1, feedForward, tiles);
    output = new Rows(1, width);
    expertOut = new Rows(1, used * width);
    expertPost = new Rows(1, used * feedForward);
    selection = new float[experts];
    groupScores = new float[experts];
    indices = new Rows(1, used);
  }

  /// Which experts the rows of `x` chose.
  Rows indices(Rows x) {
    indices.resize(x.rows(), x.longRows());
    for (int i = 0; i < x.rows() * indices.width(); i++) {
      indices.data()[i] = chosen[i];
    }
    return indices;
  }

  /// Makes room for the rows of `x` in what is chosen and comes back.
  void resize(Rows x) {
    routerProbabilities.resize(x.rows(), x.longRows());
    weights.resize(x.rows(), x.longRows());
    expertOut.resize(x.rows(), x.longRows());
    expertPost.resize(x.rows(), x.longRows());
    if (chosen.length < x.rows() * weights.width()) {
      chosen = new int[x.rows() * weights.width()];
      places = new int[x.rows()];
    }
  }
}
