package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// The buffers of a forward pass, `[rows, ...]` each; they grow to the largest batch and are used
/// again. For one thread at a time.
public final class State {
  private final Rows residual;
  private final Rows kept;
  private final Rows normed;
  private final Rows branch;
  private final Rows hidden;
  private final Rows logits;
  final Rows gateUp;
  final Rows queryKeyValue;
  final Rows z;
  final Rows tile;
  final AttentionScratch attention;
  final NormWork norm;
  final Rows halves; // queries or keys, to be shown
  final HeadResults results;

  /// Buffers for a model of these sizes.
  public State(int width, int queryKeyValue, int zWidth, int feedForward, int vocabulary) {
    this.residual = new Rows(1, width);
    this.kept = new Rows(1, width);
    this.normed = new Rows(1, width);
    this.branch = new Rows(1, width);
    this.tile = new Rows(1, width);
    this.hidden = new Rows(1, feedForward);
    this.gateUp = new Rows(1, 2 * feedForward);
    this.queryKeyValue = new Rows(1, queryKeyValue);
    this.z = new Rows(1, zWidth);
    this.logits = new Rows(1, vocabulary);
    this.attention = new AttentionScratch();
    this.norm = new NormWork(width);
    this.halves = new Rows(1, queryKeyValue);
    this.results = new HeadResults(width, zWidth);
  }

  /// The residual stream of a batch, `[rows, width]`, not filled yet.
  public Rows begin(Batch batch) {
    normed.threads(batch.threads()); // what products take
    z.threads(batch.threads());
    hidden.threads(batch.threads());
    tile.threads(batch.threads());
    return residual.resize(batch.rows(), batch.longRows());
  }

  /// The rows of the residual stream that somebody wants, see {@link Batch#wanted}.
  public Rows kept() {
    return kept;
  }

  /// The output of a norm, `[rows, width]`.
  public Rows normed() {
    return normed;
  }

  /// What a branch adds to the residual stream, `[rows, width]`.
  public Rows branch() {
    return branch;
  }

  /// The feed-forward's inner rows, `[rows, feed-forward]`.
  public Rows hidden() {
    return hidden;
  }

  /// At most 64 rows of logits, `[rows, vocabulary]`.
  public Rows logits() {
    return logits;
  }
}
