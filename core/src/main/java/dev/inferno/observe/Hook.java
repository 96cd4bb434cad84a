package dev.inferno.observe;

import java.util.List;

/// A point of the computation that can be watched, and at most points changed. Its wire name is
/// TransformerLens' (`blocks.3.attn.hook_pattern`); llama.cpp's name (`kq_soft_max-3`) is accepted
/// when a name is read.
///
/// A hook of a block names a point once per layer; {@link #layer}, {@link #layers} and {@link
/// #allLayers} say which ones. No architecture has all points: what one lacks is impossible there,
/// and {@link dev.inferno.Model#explain} says why. Where layers differ, as in a DeepSeek whose
/// first ones have no experts, a point in several layers means those of them that have it.
///
/// Sizes below: T rows of the forward, K visible keys, H query heads, G key-value heads, D size of
/// a head, M width, F width of the feed-forward, V vocabulary. Queries and keys are in the order of
/// dimensions that Hugging Face has (the halves of a pair D / 2 apart), whatever the file's.
public enum Hook {
  /// The embedded tokens, `[T, M]`, as they are scaled.
  EMBED("hook_embed", "inp_embd", Axes.WIDTH),
  /// The embedded positions that are added to them, `[T, M]`.
  POS_EMBED("hook_pos_embed", "", Axes.WIDTH),
  /// The residual stream before a block, `[T, M]`.
  RESID_PRE("hook_resid_pre", "", Axes.WIDTH, Part.ATTENTION),
  /// What the norm before attention divides by, `[T, 1]`: `sqrt(mean(x^2) + epsilon)`, of a
  /// LayerNorm the standard deviation with epsilon.
  LN1_SCALE("ln1.hook_scale", "", Axes.SCALAR, Part.ATTENTION),
  /// The norm before attention, before its gain, `[T, M]`.
  LN1_NORMALIZED("ln1.hook_normalized", "norm", Axes.WIDTH, Part.ATTENTION),
  /// The norm before attention, `[T, M]`: what attention reads.
  LN1_OUT("ln1.hook_out", "attn_norm", Axes.WIDTH, Part.ATTENTION),
  /// The queries, `[T, H, D]`, with their bias.
  Q("attn.hook_q", "", Axes.QUERIES, Part.ATTENTION),
  /// The keys, `[T, G, D]`, with their bias.
  K("attn.hook_k", "", Axes.KEYS, Part.ATTENTION),
  /// The values, `[T, G, D]`, with their bias.
  V("attn.hook_v", "", Axes.VALUES, Part.ATTENTION),
  /// The normed queries, `[T, H, D]`.
  Q_NORMED("attn.hook_q_normed", "Qcur_normed", Axes.QUERIES, Part.ATTENTION),
  /// The normed keys, `[T, G, D]`.
  K_NORMED("attn.hook_k_normed", "Kcur_normed", Axes.KEYS, Part.ATTENTION),
  /// The queries turned by RoPE, `[T, H, D]`; where nothing is turned, as they were.
  ROT_Q("attn.hook_rot_q", "Qcur", Axes.QUERIES, Part.ATTENTION),
  /// The keys turned by RoPE, `[T, G, D]`: of the rows of this forward, not of the whole cache.
  ROT_K("attn.hook_rot_k", "Kcur", Axes.KEYS, Part.ATTENTION),
  /// The scores of each earlier position, `[H, T, K]`, scaled, capped and masked: minus infinity
  /// where a row does not look.
  SCORES("attn.hook_attn_scores", "kq", Axes.PATTERN, Part.ATTENTION),
  /// How much each head attends to each earlier position, `[H, T, K]`: rows sum to 1, less what
  /// falls on a sink.
  PATTERN("attn.hook_pattern", "kq_soft_max", Axes.PATTERN, Part.ATTENTION),
  /// How much of a row's attention falls on the learned sink of a head, `[H, T]`. Where that is
  /// changed, the pattern is scaled to what is left of 1.
  SINK("attn.hook_sink", "", Axes.SINKS, Part.ATTENTION),
  /// Each head's mix of values before the output projection, `[T, H, D]`.
  Z("attn.hook_z", "kqv_out", Axes.HEADS, Part.ATTENTION),
  /// What each head writes, `[T, H, M]`: their sum and the output's bias are attention's output.
  RESULT("attn.hook_result", "", Axes.RESULTS, Part.ATTENTION),
  /// The output of attention, `[T, M]`, before a norm behind it or a multiplier.
  ATTN_RAW_OUT("attn.hook_out", "", Axes.WIDTH, Part.ATTENTION),
  /// What the norm behind attention divides by, `[T, 1]`.
  LN1_POST_SCALE("ln1_post.hook_scale", "", Axes.SCALAR, Part.ATTENTION),
  /// The norm behind attention, before its gain, `[T, M]`.
  LN1_POST_NORMALIZED("ln1_post.hook_normalized", "", Axes.WIDTH, Part.ATTENTION),
  /// The norm behind attention, `[T, M]`.
  LN1_POST_OUT("ln1_post.hook_out", "attn_post_norm", Axes.WIDTH, Part.ATTENTION),
  /// What attention adds to the residual stream, `[T, M]`.
  ATTN_OUT("hook_attn_out", "attn_out", Axes.WIDTH, Part.ATTENTION),
  /// The residual stream between attention and feed-forward, `[T, M]`.
  RESID_MID("hook_resid_mid", "ffn_inp", Axes.WIDTH, Part.ATTENTION),
  /// What the norm before the feed-forward divides by, `[T, 1]`.
  LN2_SCALE("ln2.hook_scale", "", Axes.SCALAR, Part.FEED_FORWARD),
  /// The norm before the feed-forward, before its gain, `[T, M]`.
  LN2_NORMALIZED("ln2.hook_normalized", "", Axes.WIDTH, Part.FEED_FORWARD),
  /// The norm before the feed-forward, `[T, M]`.
  LN2_OUT("ln2.hook_out", "ffn_norm", Axes.WIDTH, Part.FEED_FORWARD),
  /// What the feed-forward reads, `[T, M]`.
  MLP_IN("mlp.hook_in", "", Axes.WIDTH, Part.FEED_FORWARD),
  /// The inner neurons before the activation, `[T, F]`: of a gated feed-forward the gate.
  MLP_PRE("mlp.hook_pre", "ffn_gate", Axes.NEURONS, Part.FEED_FORWARD),
  /// What the activated gate multiplies, `[T, F]`: the up projection.
  MLP_PRE_LINEAR("mlp.hook_pre_linear", "ffn_up", Axes.NEURONS, Part.FEED_FORWARD),
  /// The inner neurons, `[T, F]`: what the down projection reads.
  MLP_POST("mlp.hook_post", "", Axes.NEURONS, Part.FEED_FORWARD),
  /// The scores that a mixture gives its experts, `[T, E]`.
  ROUTER_LOGITS("mlp.hook_router_logits", "ffn_moe_logits", Axes.EXPERTS, Part.FEED_FORWARD),
  /// Their softmax, `[T, E]`; in DeepSeek-V3 the sigmoid of each.
  ROUTER_PROBS("mlp.hook_router_probs", "ffn_moe_probs", Axes.EXPERTS, Part.FEED_FORWARD),
  /// Which experts a row goes to, `[T, P]`, by falling weight, ties by the lowest index.
  EXPERT_INDICES("mlp.hook_expert_indices", "ffn_moe_topk", Axes.CHOSEN, Part.FEED_FORWARD),
  /// What each of their results is multiplied by, `[T, P]`.
  EXPERT_WEIGHTS("mlp.hook_expert_weights", "ffn_moe_weights_norm", Axes.CHOSEN, Part.FEED_FORWARD),
  /// The inner neurons of the chosen experts, `[T, P, F]`.
  EXPERT_POST("mlp.hook_expert_post", "", Axes.EXPERT_NEURONS, Part.FEED_FORWARD),
  /// What the chosen experts give, weighted, `[T, P, M]`: their sum is the mixture's output.
  EXPERT_OUT("mlp.hook_expert_out", "ffn_moe_weighted", Axes.EXPERT_WIDTH, Part.FEED_FORWARD),
  /// The output of the expert that every row passes through, `[T, M]`.
  SHARED_EXPERT_OUT("mlp.hook_shared_expert_out", "", Axes.WIDTH, Part.FEED_FORWARD),
  /// The output of the feed-forward, `[T, M]`, before a norm behind it or a multiplier.
  MLP_RAW_OUT("mlp.hook_out", "", Axes.WIDTH, Part.FEED_FORWARD),
  /// What the norm behind the feed-forward divides by, `[T, 1]`.
  LN2_POST_SCALE("ln2_post.hook_scale", "", Axes.SCALAR, Part.FEED_FORWARD),
  /// The norm behind the feed-forward, before its gain, `[T, M]`.
  LN2_POST_NORMALIZED("ln2_post.hook_normalized", "", Axes.WIDTH, Part.FEED_FORWARD),
  /// The norm behind the feed-forward, `[T, M]`.
  LN2_POST_OUT("ln2_post.hook_out", "ffn_post_norm", Axes.WIDTH, Part.FEED_FORWARD),
  /// What the feed-forward adds to the residual stream, `[T, M]`.
  MLP_OUT("hook_mlp_out", "ffn_out", Axes.WIDTH, Part.FEED_FORWARD),
  /// The residual stream after a block, `[T, M]`.
  RESID_POST("hook_resid_post", "l_out", Axes.WIDTH, Part.FEED_FORWARD),
  /// What the final norm divides by, `[wanted rows, 1]`.
  FINAL_SCALE("ln_final.hook_scale", "", Axes.SCALAR, Part.HEAD),
  /// The final norm before its gain, `[wanted rows, M]`.
  FINAL_NORMALIZED("ln_final.hook_normalized", "", Axes.WIDTH, Part.HEAD),
  /// The output of the final norm, `[wanted rows, M]`.
  FINAL_NORM("ln_final.hook_out", "result_norm", Axes.WIDTH, Part.HEAD),
  /// What the output projection reads, `[wanted rows, M]`.
  UNEMBED_IN("unembed.hook_in", "", Axes.WIDTH, Part.HEAD),
  /// The output projection, `[wanted rows, V]`, before a bias, a multiplier or a cap; in tiles as
  /// the logits.
  UNEMBED_OUT("unembed.hook_out", "", Axes.VOCABULARY, Part.HEAD),
  /// The scores of all tokens to come next, `[wanted rows, V]`, before any sampler. More than 64
  /// rows arrive as several events of at most 64 rows, in order.
  LOGITS("logits", "result_output", Axes.VOCABULARY, Part.HEAD);

  /// What the axes of a point are.
  public enum Axes {
    /// `[T, M]`.
    WIDTH,
    /// `[T, 1]`.
    SCALAR,
    /// `[T, H, D]` of queries.
    QUERIES,
    /// `[T, G, D]` of keys.
    KEYS,
    /// `[T, G, D]` of values.
    VALUES,
    /// `[T, H, D]` of mixed values.
    HEADS,
    /// `[T, H, M]`.
    RESULTS,
    /// `[H, T, K]`.
    PATTERN,
    /// `[H, T]`.
    SINKS,
    /// `[T, F]`.
    NEURONS,
    /// `[T, E]`.
    EXPERTS,
    /// `[T, P]`.
    CHOSEN,
    /// `[T, P, F]`.
    EXPERT_NEURONS,
    /// `[T, P, M]`.
    EXPERT_WIDTH,
    /// `[rows, V]`.
    VOCABULARY
  }

  /// Where in a forward pass a point lies.
  private enum Part {
    BEGINNING,
    ATTENTION,
    FEED_FORWARD,
    HEAD
  }

  private final String suffix;
  private final String alias;
  private final Axes axes;
  private final Part part;

  Hook(String suffix, String alias, Axes axes) {
    this(suffix, alias, axes, Part.BEGINNING);
  }

  Hook(String suffix, String alias, Axes axes, Part part) {
    this.suffix = suffix;
    this.alias = alias;
    this.axes = axes;
    this.part = part;
  }

  /// What its axes are.
  public Axes axes() {
    return axes;
  }

  /// Whether there is one such point in each block.
  public boolean perLayer() {
    return part == Part.ATTENTION || part == Part.FEED_FORWARD;
  }

  /// Whether the point has one part per query head.
  public boolean perHead() {
    return switch (axes) {
      case QUERIES, HEADS, RESULTS, PATTERN, SINKS -> true;
      case WIDTH,
          SCALAR,
          KEYS,
          VALUES,
          NEURONS,
          EXPERTS,
          CHOSEN,
          EXPERT_NEURONS,
          EXPERT_WIDTH,
          VOCABULARY ->
          false;
    };
  }

  /// Whether the point has one part per key-value head.
  public boolean perKeyValueHead() {
    return axes == Axes.KEYS || axes == Axes.VALUES;
  }

  /// Whether a row is divided into parts, heads or chosen experts, so that its shape has an axis of
  /// them.
  public boolean divided() {
    return perHead()
        || perKeyValueHead()
        || axes == Axes.EXPERT_NEURONS
        || axes == Axes.EXPERT_WIDTH;
  }

  /// Whether the values of a row are behind those of the first head, and not the rows of the next
  /// head behind those of this one.
  public boolean rowsFirst() {
    return axes != Axes.PATTERN && axes != Axes.SINKS;
  }

  /// Whether only rows whose result somebody wants come here: behind the attention of the last
  /// block.
  ///
  /// @param inLastBlock whether the point is in the last block
  public boolean onlyWantedRows(boolean inLastBlock) {
    return part == Part.HEAD || (part == Part.FEED_FORWARD && inLastBlock);
  }

  /// Whether an {@link Intervention} may act here.
  public boolean editable() {
    return axes != Axes.CHOSEN;
  }

  /// The wire name of this point, such as `blocks.3.hook_resid_post`; the layer does not count for
  /// a point outside the blocks.
  public String name(int layer) {
    return perLayer() ? "blocks." + layer + "." + suffix : suffix;
  }

  /// llama.cpp's name of this point, such as `l_out-3`, or an empty string if it has none.
  String alias(int layer) {
    return perLayer() && !alias.isEmpty() ? alias + "-" + layer : alias;
  }

  /// The wire name with `*` for the layer.
  String pattern() {
    return perLayer() ? "blocks.*." + suffix : suffix;
  }

  /// This point in one layer, counted from 0.
  public Point layer(int layer) {
    return layers(layer);
  }

  /// This point in some layers.
  ///
  /// @throws IllegalArgumentException if a layer is negative, or the point is not in the blocks
  public Point layers(int... layers) {
    return Point.of(this).layers(layers);
  }

  /// This point in one layer; the same as {@link #layer}.
  public Point at(int layer) {
    return layers(layer);
  }

  /// This point in every layer.
  public Point allLayers() {
    return Point.of(this);
  }

  /// This point, in every layer if it has layers; see {@link Point#of} for the positions.
  public Point all() {
    return Point.of(this);
  }

  /// The n largest values of each row, with their indices.
  public Point top(int n) {
    return Point.of(this).top(n);
  }

  /// All points of the catalogue, as their wire names with `*` for the layer.
  public static List<String> catalogue() {
    return java.util.Arrays.stream(values()).map(Hook::pattern).toList();
  }
}
