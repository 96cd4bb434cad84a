package dev.inferno.observe;

import java.util.List;

/// A point of the computation that can be watched, and at most points changed. Its wire name is
/// TransformerLens' (`blocks.3.attn.hook_pattern`); llama.cpp's name (`kq_soft_max-3`) is accepted
/// when a name is read.
///
/// A hook of a block names a point once per layer; {@link #layer}, {@link #layers} and {@link
/// #allLayers} say which ones.
///
/// Sizes below: T rows of the forward, K visible keys, H heads, D head size, M width, V vocabulary.
public enum Hook {
  /// The embedded tokens, `[T, M]`: what enters block 0, unless an embedding of the positions is
  /// added first.
  EMBED("hook_embed", "inp_embd", false, Axes.WIDTH, true),
  /// The residual stream before a block, `[T, M]`.
  RESID_PRE("hook_resid_pre", "", true, Axes.WIDTH, true),
  /// How much each head attends to each earlier position, `[H, T, K]`: rows sum to 1.
  PATTERN("attn.hook_pattern", "kq_soft_max", true, Axes.PATTERN, false),
  /// Each head's mix of values before the output projection, `[T, H, D]`.
  Z("attn.hook_z", "kqv_out", true, Axes.HEADS, true),
  /// What attention adds to the residual stream, `[T, M]`.
  ATTN_OUT("hook_attn_out", "attn_out", true, Axes.WIDTH, true),
  /// The residual stream between attention and feed-forward, `[T, M]`.
  RESID_MID("hook_resid_mid", "ffn_inp", true, Axes.WIDTH, true),
  /// What the feed-forward adds to the residual stream, `[T, M]`.
  MLP_OUT("hook_mlp_out", "ffn_out", true, Axes.WIDTH, true),
  /// The residual stream after a block, `[T, M]`.
  RESID_POST("hook_resid_post", "l_out", true, Axes.WIDTH, true),
  /// The output of the final norm, `[wanted rows, M]`.
  FINAL_NORM("ln_final.hook_out", "result_norm", false, Axes.WIDTH, true),
  /// The scores of all tokens to come next, `[wanted rows, V]`, before any sampler. More than 64
  /// rows arrive as several events of at most 64 rows, in order.
  LOGITS("logits", "result_output", false, Axes.VOCABULARY, false);

  /// What the axes of a point are.
  enum Axes {
    WIDTH,
    HEADS,
    PATTERN,
    VOCABULARY
  }

  private final String suffix;
  private final String alias;
  private final boolean perLayer;
  private final Axes axes;
  private final boolean editable;

  Hook(String suffix, String alias, boolean perLayer, Axes axes, boolean editable) {
    this.suffix = suffix;
    this.alias = alias;
    this.perLayer = perLayer;
    this.axes = axes;
    this.editable = editable;
  }

  /// Whether there is one such point in each block.
  public boolean perLayer() {
    return perLayer;
  }

  /// Whether the point has one part per attention head.
  public boolean perHead() {
    return axes == Axes.HEADS || axes == Axes.PATTERN;
  }

  /// Whether an {@link Intervention} may act here.
  public boolean editable() {
    return editable;
  }

  /// The wire name of this point, such as `blocks.3.hook_resid_post`; the layer does not count for
  /// a point outside the blocks.
  public String name(int layer) {
    return perLayer ? "blocks." + layer + "." + suffix : suffix;
  }

  /// llama.cpp's name of this point, such as `l_out-3`, or an empty string if it has none.
  String alias(int layer) {
    return perLayer && !alias.isEmpty() ? alias + "-" + layer : alias;
  }

  /// The wire name with `*` for the layer.
  String pattern() {
    return perLayer ? "blocks.*." + suffix : suffix;
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
