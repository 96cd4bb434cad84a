package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Team;
import dev.inferno.observe.Hook;
import java.util.Optional;

/// Causal self-attention with rotary positions and grouped queries: every `heads / keyValueHeads`
/// query heads share a key and a value head. <https://arxiv.org/abs/1706.03762>,
/// <https://arxiv.org/abs/2305.13245>
///
/// A query's scores are `scale * q . k` over all positions up to its own, or the last few of them
/// in a sliding window; their softmax weighs the values. Keys are taken page by page, counted from
/// position 0, so that a row's result does not depend on how the text was cut into forward passes;
/// see {@link AttentionWork}.
public final class Attention {
  private final Projection queryKeyValue;
  private final Optional<QueryKeyNorm> norm;
  private final Linear output;
  private final Rope rope;
  final Heads heads;
  final Scoring scoring;
  final Kernels kernels;

  /// The sizes of an attention.
  ///
  /// @param keySize the length of a query and of a key
  /// @param valueSize the length of a value
  public record Heads(int heads, int keyValueHeads, int keySize, int valueSize) {
    /// The length of a row of queries, keys and values side by side.
    public int queryKeyValueWidth() {
      return queryWidth() + keyWidth() + valueWidth();
    }

    /// The length of all queries of a position.
    public int queryWidth() {
      return heads * keySize;
    }

    /// The length of all keys of a position.
    public int keyWidth() {
      return keyValueHeads * keySize;
    }

    /// The length of all values of a position.
    public int valueWidth() {
      return keyValueHeads * valueSize;
    }

    /// The length of all heads' results side by side.
    public int zWidth() {
      return heads * valueSize;
    }
  }

  /// How queries and keys become scores.
  ///
  /// @param scale what their products are multiplied by, as a rule `1 / sqrt(keySize)`
  /// @param softcap what scores are squeezed below, `softcap * tanh(score / softcap)`; 0 for none
  /// @param window how many positions a query sees, its own and those right before it; 0 for all
  /// @param alibi what is added to them behind that, by the distance
  /// @param sinks the scores that belong to no key
  public record Scoring(float scale, float softcap, int window, Alibi alibi, Sinks sinks) {

    /// Scores that do not know of distances, of keys only.
    public Scoring(float scale, float softcap, int window) {
      this(scale, softcap, window, Alibi.NONE, Sinks.NONE);
    }

    /// The same with scores that fall with the distance.
    public Scoring with(Alibi other) {
      return new Scoring(scale, softcap, window, other, sinks);
    }

    /// The same with sinks beside the keys.
    public Scoring with(Sinks other) {
      return new Scoring(scale, softcap, window, alibi, other);
    }

    /// The first position that the query at a position sees.
    int firstVisible(int position) {
      return window == 0 ? 0 : Math.max(0, position - window + 1);
    }
  }

  /// Attention with these maps.
  ///
  /// @param queryKeyValue the three input projections
  /// @param output the output projection, `[width, zWidth]`
  public Attention(
      Projection queryKeyValue,
      Optional<QueryKeyNorm> norm,
      Rope rope,
      Heads heads,
      Scoring scoring,
      Linear output,
      Kernels kernels) {
    this.queryKeyValue = queryKeyValue;
    this.norm = norm;
    this.rope = rope;
    this.heads = heads;
    this.scoring = scoring;
    this.output = output;
    this.kernels = kernels;
  }

  /// How many positions a query sees, 0 for all.
  public int window() {
    return scoring.window();
  }

  /// The map from the heads to the residual stream.
  Linear output() {
    return output;
  }

  /// Attends from every row of `x` to its segment's past, and stores the rows' own keys and values
  /// in the cache.
  ///
  /// @param x `[rows, width]`, the normed residual stream
  /// @param out `[rows, width]`, what to add to the residual stream
  public void apply(int layer, Batch batch, Rows x, Rows out, State state, Probe probe) {
    batch.requireWanted();
    Rows qkv = state.queryKeyValue;
    queryKeyValue.apply(x, qkv, state);

    int keysAt = heads.queryWidth();
    int valuesAt = keysAt + heads.keyWidth();
    show(Hook.Q, layer, qkv, 0, heads.heads(), state, probe);
    show(Hook.K, layer, qkv, keysAt, heads.keyValueHeads(), state, probe);
    probe.at(Hook.V, layer, qkv, valuesAt, heads.valueWidth());
    if (norm.isPresent()) {
      norm.get().query().applyInPlace(qkv, 0, heads.queryWidth());
      norm.get().key().applyInPlace(qkv, keysAt, heads.keyWidth());
      show(Hook.Q_NORMED, layer, qkv, 0, heads.heads(), state, probe);
      show(Hook.K_NORMED, layer, qkv, keysAt, heads.keyValueHeads(), state, probe);
    }
    rotate(qkv, batch, state.attention);
    show(Hook.ROT_Q, layer, qkv, 0, heads.heads(), state, probe);
    show(Hook.ROT_K, layer, qkv, keysAt, heads.keyValueHeads(), state, probe);

    Rows z = state.z.resize(x.rows(), x.longRows());
    for (int s = 0; s < batch.segments().size(); s++) {
      store(layer, batch.segments().get(s), qkv, keysAt, valuesAt, batch.threads());
    }
    state.attention.work.attend(this, layer, batch, qkv, z);
    probe.at(Hook.SCORES, layer, z);
    probe.at(Hook.PATTERN, layer, z);
    probe.at(Hook.SINK, layer, z);
    probe.at(Hook.Z, layer, z);
    output.apply(z, out);
    if (probe.wants(Hook.RESULT, layer)) {
      state.results.show(layer, output, heads, z, out, batch, probe);
    }
    probe.at(Hook.ATTN_RAW_OUT, layer, out);
  }

  /// Turns queries and keys, which lie side by side.
  private void rotate(Rows qkv, Batch batch, AttentionScratch scratch) {
    if (qkv.rows() <= Rows.SHORT_SEGMENT) {
      rotate(qkv, 0, qkv.rows(), scratch);
    } else {
      RowBlocks.share(qkv.rows(), batch.threads(), (from, to) -> rotate(qkv, from, to, scratch));
    }
  }

  private void rotate(Rows qkv, int from, int to, AttentionScratch scratch) {
    int turned = heads.heads() + heads.keyValueHeads();
    for (int row = from; row < to; row++) {
      rope.apply(kernels, qkv.data(), row * qkv.width(), turned, heads.keySize(), scratch, row);
    }
  }

  /// Stores a segment's keys and values, page by page.
  private static void store(
      int layer, Segment segment, Rows qkv, int keysAt, int valuesAt, int threads) {
    int first = segment.firstPosition();
    segment.cache().reserve(layer, first, segment.rows());
    int firstPage = first / KvCache.PAGE;
    int pages = (first + segment.rows() - 1) / KvCache.PAGE - firstPage + 1;
    if (segment.rows() <= Rows.SHORT_SEGMENT) {
      for (int page = firstPage; page < firstPage + pages; page++) {
        storePage(layer, segment, qkv, keysAt, valuesAt, page);
      }
    } else {
      Team.shared()
          .run(
              threads,
              pages,
              page -> storePage(layer, segment, qkv, keysAt, valuesAt, firstPage + page));
    }
  }

  private static void storePage(
      int layer, Segment segment, Rows qkv, int keysAt, int valuesAt, int page) {
    int end = segment.firstPosition() + segment.rows();
    int from = Math.max(segment.firstPosition(), page * KvCache.PAGE);
    int to = Math.min(end, (page + 1) * KvCache.PAGE);
    int row = segment.firstRow + from - segment.firstPosition();
    segment.cache().write(layer, from, to - from, qkv, row, keysAt, valuesAt);
  }

  /// Shows queries or keys, which lie side by side from `from` on, in the order of dimensions that
  /// all models are shown in.
  private void show(Hook hook, int layer, Rows qkv, int from, int count, State state, Probe probe) {
    int size = count * heads.keySize();
    if (rope.order() == Rope.Order.HALVES) {
      probe.at(hook, layer, qkv, from, size);
      return;
    }
    if (!probe.wants(hook, layer)) {
      return;
    }
    Rows halves = state.halves.resize(qkv.rows(), qkv.longRows());
    for (int row = 0; row < qkv.rows(); row++) {
      rope.toHalves(
          qkv.data(),
          row * qkv.width() + from,
          halves.data(),
          row * halves.width(),
          count,
          heads.keySize());
    }
    probe.at(hook, layer, halves, 0, size);
    for (int row = 0; probe.edits(hook, layer) && row < qkv.rows(); row++) {
      rope.fromHalves(
          halves.data(),
          row * halves.width(),
          qkv.data(),
          row * qkv.width() + from,
          count,
          heads.keySize());
    }
  }
}
