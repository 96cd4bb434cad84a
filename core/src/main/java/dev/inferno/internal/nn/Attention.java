package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;

/// Causal self-attention with rotary positions and grouped queries: every `heads / keyValueHeads`
/// query heads share a key and a value head. <https://arxiv.org/abs/1706.03762>,
/// <https://arxiv.org/abs/2305.13245>
///
/// A query's scores are `q . k / sqrt(keySize)` over all positions up to its own, their softmax
/// weighs the values. Keys are taken page by page from position 0, so that a row's result does not
/// depend on how the text was cut into forward passes. Short segments (decode) go key by key; long
/// ones (prefill) multiply a tile of queries with a packed page.
public final class Attention {
  private final Linear queryKeyValue;
  private final Linear output;
  private final Rope rope;
  final Heads heads;
  final Kernels kernels;
  final float scale;

  /// The sizes of an attention.
  ///
  /// @param keySize the length of a query and of a key
  /// @param valueSize the length of a value
  public record Heads(int heads, int keyValueHeads, int keySize, int valueSize) {
    /// The length of a row of queries, keys and values side by side.
    public int queryKeyValueWidth() {
      return heads * keySize + keyWidth() + valueWidth();
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

  /// Attention with these maps.
  ///
  /// @param queryKeyValue the three input projections in one product, `[queryKeyValueWidth, width]`
  /// @param output the output projection, `[width, zWidth]`
  public Attention(Linear queryKeyValue, Linear output, Rope rope, Heads heads, Kernels kernels) {
    this.queryKeyValue = queryKeyValue;
    this.output = output;
    this.rope = rope;
    this.heads = heads;
    this.kernels = kernels;
    this.scale = (float) (1 / Math.sqrt(heads.keySize()));
  }

  /// Attends from every row of `x` to its segment's past, and stores the rows' own keys and values
  /// in the cache.
  ///
  /// @param x `[rows, width]`, the normed residual stream
  /// @param out `[rows, width]`, what to add to the residual stream
  public void apply(int layer, Batch batch, Rows x, Rows out, State state, Probe probe) {
    batch.requireWanted();
    Rows qkv = state.queryKeyValue;
    queryKeyValue.apply(x, qkv);

    int keysAt = heads.heads() * heads.keySize();
    int valuesAt = keysAt + heads.keyWidth();
    show(Hook.Q, layer, qkv, 0, heads.heads(), state, probe);
    show(Hook.K, layer, qkv, keysAt, heads.keyValueHeads(), state, probe);
    probe.at(Hook.V, layer, qkv, valuesAt, heads.valueWidth());
    for (int row = 0; row < qkv.rows(); row++) { // queries and keys lie side by side
      rope.apply(
          qkv.data(),
          row * qkv.width(),
          heads.heads() + heads.keyValueHeads(),
          heads.keySize(),
          state.attention,
          row);
    }

    show(Hook.ROT_Q, layer, qkv, 0, heads.heads(), state, probe);
    show(Hook.ROT_K, layer, qkv, keysAt, heads.keyValueHeads(), state, probe);

    Rows z = state.z.resize(x.rows(), x.longRows());
    for (int s = 0; s < batch.segments().size(); s++) {
      Segment segment = batch.segments().get(s);
      for (int i = 0; i < segment.rows(); i++) {
        int at = (segment.firstRow + i) * qkv.width();
        segment
            .cache()
            .write(
                layer,
                segment.firstPosition() + i,
                qkv.data(),
                at + keysAt,
                qkv.data(),
                at + valuesAt);
      }
      state.attention.work.of(this, layer, segment, qkv, z).share(batch.threads());
    }
    probe.at(Hook.SCORES, layer, z);
    probe.at(Hook.PATTERN, layer, z);
    probe.at(Hook.Z, layer, z);
    output.apply(z, out);
    if (probe.wants(Hook.RESULT, layer)) {
      state.results.show(layer, output, heads, z, out, batch, probe);
    }
    probe.at(Hook.ATTN_RAW_OUT, layer, out);
  }

  /// Shows queries or keys, which lie side by side from `from` on, in the order of dimensions that
  /// all models are shown in.
  private void show(Hook hook, int layer, Rows qkv, int from, int count, State state, Probe probe) {
    if (!probe.wants(hook, layer)) {
      return;
    }
    int size = count * heads.keySize();
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
