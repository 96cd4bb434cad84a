package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.RowTiles;
import dev.inferno.internal.kernels.Rows;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The buffers of a forward pass, `[rows, ...]` each; they grow to the largest batch and are used
/// again. For one thread at a time.
public final class State {
  private final Rows residual;
  private final Rows kept;
  private final Rows positions;
  private final Rows normed;
  private final Rows branch;
  private final Rows postNormed;
  private final Rows hidden;
  private final Rows logits;
  final Rows gateUp;
  final Rows up;
  final Rows queryKeyValue;
  final Rows z;
  final Rows tile;
  final AttentionScratch attention;
  final NormWork norm;
  final Rows halves; // queries or keys, to be shown
  final HeadResults results;
  final MixtureScratch mixture;
  private @Nullable LatentScratch latent;
  private @Nullable SharedExpertScratch sharedExpert;

  /// Buffers for a dense model of these sizes.
  public State(int width, int queryKeyValue, int zWidth, int feedForward, int vocabulary) {
    this(width, queryKeyValue, zWidth, feedForward, vocabulary, 0, 0, 1);
  }

  /// Buffers for a model of these sizes.
  ///
  /// @param feedForward of layers without experts
  /// @param experts how many experts there are, 0 in a dense model
  /// @param expertsUsed how many of them each row passes through
  /// @param expertFeedForward of each expert
  public State(
      int width,
      int queryKeyValue,
      int zWidth,
      int feedForward,
      int vocabulary,
      int experts,
      int expertsUsed,
      int expertFeedForward) {
    var tiles = new RowTiles(); // for all that are multiplied here, one after the other
    this.residual = new Rows(1, width, tiles);
    this.kept = new Rows(1, width, tiles);
    this.positions = new Rows(1, width);
    this.normed = new Rows(1, width, tiles);
    this.branch = new Rows(1, width, tiles);
    this.postNormed = new Rows(1, width, tiles);
    this.tile = new Rows(1, width, tiles);
    this.hidden = new Rows(1, feedForward, tiles);
    this.gateUp = new Rows(1, 2 * feedForward);
    this.up = new Rows(1, feedForward);
    this.queryKeyValue = new Rows(1, queryKeyValue);
    this.z = new Rows(1, zWidth, tiles);
    this.logits = new Rows(1, vocabulary);
    this.attention = new AttentionScratch();
    this.norm = new NormWork(width);
    this.halves = new Rows(1, queryKeyValue);
    this.results = new HeadResults(width, zWidth, tiles);
    this.mixture = new MixtureScratch(width, expertFeedForward, experts, expertsUsed, tiles);
  }

  /// The same with buffers for latent projections.
  public State withLatent(LatentScratch latent) {
    this.latent = latent;
    return this;
  }

  LatentScratch latent() {
    return Objects.requireNonNull(latent, "a model with latent projections");
  }

  /// The same with buffers for an expert that every row passes through.
  State withSharedExpert(SharedExpertScratch sharedExpert) {
    this.sharedExpert = sharedExpert;
    return this;
  }

  SharedExpertScratch sharedExpert() {
    return Objects.requireNonNull(sharedExpert, "a model with a shared expert");
  }

  /// The residual stream of a batch, `[rows, width]`, not filled yet.
  public Rows begin(Batch batch) {
    residual.threads(batch.threads()); // what products take
    kept.threads(batch.threads());
    normed.threads(batch.threads());
    z.threads(batch.threads());
    hidden.threads(batch.threads());
    branch.threads(batch.threads());
    postNormed.threads(batch.threads());
    tile.threads(batch.threads());
    mixture.input.threads(batch.threads());
    mixture.hidden.threads(batch.threads());
    return residual.resize(batch.rows(), batch.longRows());
  }

  /// The rows of the residual stream that somebody wants, see {@link Batch#wanted}.
  public Rows kept() {
    return kept;
  }

  /// The learned embeddings of the rows' positions, `[rows, width]`.
  public Rows positions() {
    return positions;
  }

  /// The output of a norm, `[rows, width]`.
  public Rows normed() {
    return normed;
  }

  /// The output of attention or of the feed-forward, `[rows, width]`: what is added to the residual
  /// stream, unless it is normed first.
  public Rows branch() {
    return branch;
  }

  /// What is added to the residual stream where the branch is normed first, `[rows, width]`.
  public Rows postNormed() {
    return postNormed;
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
