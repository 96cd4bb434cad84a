package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.observe.Hook;

/// The output projection: from the final norm to a logit for every token of the vocabulary, at most
/// {@link #TILE} rows at a time. Rows that are sampled from are always computed as short segments
/// are, so that the choice of the next token does not depend on how many other rows somebody wants
/// to see.
///
/// @param projection `[vocabulary, width]`, as a rule without a bias
/// @param softcap what logits are squeezed below, `softcap * tanh(logit / softcap)`; 0 for none
/// @param scale what logits are multiplied by before that, 1 for nothing
public record Head(Linear projection, float softcap, float scale, Kernels kernels) {
  /// Rows of logits at a time.
  public static final int TILE = 64;

  /// The matrix of the projection.
  public Weight weight() {
    return projection.weight();
  }

  /// Computes the logits of rows, `[rows, vocabulary]`.
  public void apply(Rows x, Rows logits) {
    projection.applyWithoutBias(x, logits);
    finish(logits);
  }

  private void finish(Rows logits) {
    projection.addBias(logits);
    if (scale != 1) {
      kernels.scale(logits.data(), 0, scale, logits.rows() * logits.width());
    }
    if (softcap > 0) {
      kernels.softcap(logits.data(), 0, softcap, logits.rows() * logits.width());
    }
  }

  /// Computes the logits of the rows that want them, lets them be changed and seen, and gives each
  /// sampled segment its own. Moves the rows of `x`.
  public void apply(Batch batch, Rows x, State state, Probe probe) {
    batch.wantedLogits(x);
    probe.at(Hook.UNEMBED_IN, x);
    int unsampled = batch.wantedUnsampledRows();
    for (int from = 0; from < x.rows(); from += TILE) {
      int to = Math.min(x.rows(), from + TILE);
      tile(batch, x, from, to, Math.clamp(unsampled - from, 0, to - from), state);
    }
  }

  private void tile(Batch batch, Rows x, int from, int to, int longRows, State state) {
    Rows tile = state.tile.resize(to - from, longRows);
    int width = x.width();
    System.arraycopy(x.data(), from * width, tile.data(), 0, (to - from) * width);
    Rows logits = state.logits();
    projection.applyWithoutBias(tile, logits);
    for (int s = 0; s < batch.segments().size(); s++) {
      show(Hook.UNEMBED_OUT, batch.segments().get(s), logits, from, to);
    }
    finish(logits);
    for (int s = 0; s < batch.segments().size(); s++) {
      Segment segment = batch.segments().get(s);
      show(Hook.LOGITS, segment, logits, from, to);
      give(segment, logits, from, to); // as they were changed
    }
  }

  /// Gives a segment the logits that it samples from, if they lie between `firstRow` and `endRow`.
  private static void give(Segment segment, Rows logits, int firstRow, int endRow) {
    for (int i = 0; i < segment.count(); i++) {
      int row = segment.rowIndex(i);
      int sampled = segment.sampledIndex(segment.rowPosition(i));
      if (row >= firstRow && row < endRow && sampled >= 0) {
        int at = (row - firstRow) * logits.width();
        int to = sampled * logits.width();
        System.arraycopy(logits.data(), at, segment.logits(), to, logits.width());
      }
    }
  }

  /// Lets a segment change and see those of its rows that lie between `firstRow` and `endRow`.
  private static void show(Hook hook, Segment segment, Rows logits, int firstRow, int endRow) {
    if (!segment.observer().wants(hook, -1)) {
      return;
    }
    int first = 0;
    while (first < segment.count() && segment.rowIndex(first) < firstRow) {
      first++;
    }
    int end = first;
    while (end < segment.count() && segment.rowIndex(end) < endRow) {
      end++;
    }
    if (end > first) {
      segment.observer().logits(hook, logits, firstRow, segment, first, end);
    }
  }
}
