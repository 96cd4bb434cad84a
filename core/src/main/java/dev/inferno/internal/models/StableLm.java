package dev.inferno.internal.models;

import static dev.inferno.internal.nn.NormPoints.BEFORE_ATTENTION;
import static dev.inferno.internal.nn.NormPoints.BEFORE_FEED_FORWARD;
import static dev.inferno.internal.nn.NormPoints.FINAL;
import static dev.inferno.observe.Hook.ATTN_OUT;
import static dev.inferno.observe.Hook.EMBED;
import static dev.inferno.observe.Hook.MLP_OUT;
import static dev.inferno.observe.Hook.RESID_MID;
import static dev.inferno.observe.Hook.RESID_POST;
import static dev.inferno.observe.Hook.RESID_PRE;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.LayerNorm;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.QueryKeyNorm;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.internal.nn.SwiGlu;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;

/// StableLM: layer norms, rotary positions in a part of each head, SwiGLU, and in the larger one a
/// norm of every query and key head. <https://arxiv.org/abs/2402.17834>
///
/// Where a block has one norm only, attention and feed-forward both read its result: x +
/// attention(norm(x)) + feedForward(norm(x)). Files also say so by `use_parallel_residual`, but
/// those of models whose configuration leaves it out say yes where it is no.
///
/// Also what differs from it in numbers only: Command R of Cohere, whose norms have no bias, which
/// turns neighbours and whose logits are multiplied by a number
/// (<https://huggingface.co/CohereLabs/c4ai-command-r-v01>); Command R7B and A, where three layers
/// of four have a window and the fourth no positions (<https://arxiv.org/abs/2504.00698>).
record StableLm(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Rope rope, // of the layers that have positions
    Residual residual,
    List<Block> blocks,
    LayerNorm outputNorm,
    Head output,
    Set<Hook> hooks)
    implements Architecture {

  /// @param rope that of the model, or one that turns nothing
  /// @param window how many positions a query sees, 0 for all
  /// @param feedForwardNorm none where the branches are parallel
  private record Block(
      Rope rope,
      int window,
      LayerNorm attentionNorm,
      Attention attention,
      Optional<LayerNorm> feedForwardNorm,
      SwiGlu feedForward) {}

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    probe.at(EMBED, x);
    rope.prepare(batch, state);

    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      boolean isLast = layer == blocks.size() - 1;
      probe.at(RESID_PRE, layer, x);

      block.attentionNorm().apply(x, state.normed(), BEFORE_ATTENTION, layer, state, probe);
      block.attention().apply(layer, batch, state.normed(), state.branch(), state, probe);
      probe.at(ATTN_OUT, layer, state.branch());
      residual.add(x, state.branch());
      Rows input = state.normed();
      if (block.feedForwardNorm().isPresent()) {
        probe.at(RESID_MID, layer, x);
      }
      if (isLast) {
        x = batch.wanted(x, state.kept()); // rows whose result nobody wants stop here
        input = batch.wanted(input, state.postNormed());
      }

      if (block.feedForwardNorm().isPresent()) {
        block.feedForwardNorm().get().apply(x, input, BEFORE_FEED_FORWARD, layer, state, probe);
      }
      block.feedForward().apply(layer, input, state.branch(), state, probe);
      probe.at(MLP_OUT, layer, state.branch());
      residual.add(x, state.branch());
      probe.at(RESID_POST, layer, x);
    }

    outputNorm.apply(x, state.normed(), FINAL, -1, state, probe);
    output.apply(batch, state.normed(), state, probe); // [wanted, vocabulary]
  }

  @Override
  public void unembed(Rows x, Rows logits, State state) {
    outputNorm.apply(x, state.normed());
    output.apply(state.normed(), logits);
  }

  @Override
  public Readout readout() {
    List<Readout.Block> branches =
        blocks.stream()
            .map(block -> Readout.Block.of(block.attention(), block.feedForward().down()))
            .toList();
    return new Readout(outputNorm.weights(), output, branches);
  }

  @Override
  public int window(int layer) {
    return blocks.get(layer).window();
  }

  @Override
  public Rope rope(int layer) {
    return blocks.get(layer).rope();
  }

  @Override
  public State newState() {
    return Blueprint.newState(sizes, heads);
  }

  /// Reads a StableLM from the tensors of a file.
  static StableLm read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    Rope rope = blueprint.rope(Rope.Order.HALVES);
    return read(blueprint, rope, _ -> true, blueprint::layerNorm, 1);
  }

  /// Reads a Command R.
  static StableLm readCommandR(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    Rope rope = blueprint.rope(Rope.Order.NEIGHBOURS);
    float logitScale = (float) tensors.keys().positive("logit_scale", 1);
    return read(blueprint, rope, _ -> true, blueprint::layerNormWithoutBias, logitScale);
  }

  /// Reads a Command R7B or A.
  static StableLm readCohere2(Sizes sizes, Tensors tensors, Kernels kernels) {
    MetadataKeys keys = tensors.keys();
    if (sizes.window() == 0) {
      throw keys.malformed(
          "attention.sliding_window", "is 0 or absent; possible are positive numbers");
    }
    var blueprint = new Blueprint(sizes, tensors, kernels);
    return read(
        blueprint,
        blueprint.rope(Rope.Order.NEIGHBOURS),
        layer -> keys.windowed(layer, sizes.layers(), 4),
        blueprint::layerNormWithoutBias,
        (float) keys.positive("logit_scale"));
  }

  /// @param isNear whether a layer has positions, and a window if there is one
  /// @param norm makes a norm over the width from its name
  private static StableLm read(
      Blueprint blueprint,
      Rope rope,
      IntPredicate isNear,
      Function<String, LayerNorm> norm,
      float logitScale) {
    Rope still = rope.still();
    Sizes sizes = blueprint.sizes();
    boolean isParallel = !blueprint.tensors().has("blk.0.ffn_norm.weight");
    boolean isNormed = blueprint.tensors().has("blk.0.attn_q_norm.weight");
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = "blk." + layer + ".";
      Rope own = isNear.test(layer) ? rope : still;
      int window = isNear.test(layer) ? sizes.window() : 0;
      blocks.add(
          new Block(
              own,
              window,
              norm.apply(name + "attn_norm"),
              attention(blueprint, own, window, name, isNormed),
              isParallel ? Optional.empty() : Optional.of(norm.apply(name + "ffn_norm")),
              blueprint.swiGlu(name)));
    }
    Weight embedding = blueprint.embedding();
    return new StableLm(
        sizes,
        blueprint.heads(),
        embedding,
        rope,
        blueprint.residual(),
        List.copyOf(blocks),
        norm.apply("output_norm"),
        blueprint.head(embedding, logitScale),
        hooks(isParallel, isNormed));
  }

  private static Attention attention(
      Blueprint blueprint, Rope rope, int window, String block, boolean isNormed) {
    Optional<QueryKeyNorm> norm =
        isNormed ? Optional.of(blueprint.headLayerNorms(block)) : Optional.empty();
    return new Attention(
        blueprint.queryKeyValue(block),
        norm,
        rope,
        blueprint.heads(),
        blueprint.scoring(window, blueprint.sizes().keySize()),
        blueprint.attentionOutput(block),
        blueprint.kernels());
  }

  private static Set<Hook> hooks(boolean isParallel, boolean isNormed) {
    if (isParallel) {
      return isNormed
          ? Hooks.PARALLEL_GATED_ONE_NORM_QUERY_KEY_NORM
          : Hooks.PARALLEL_GATED_ONE_NORM;
    }
    return isNormed ? Hooks.PRE_NORM_GATED_QUERY_KEY_NORM : Hooks.PRE_NORM_GATED;
  }
}
