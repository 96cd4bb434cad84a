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
import dev.inferno.internal.nn.FeedForward;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.Multiplier;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.RmsNorm;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/// Granite: a llama whose embeddings, branches and logits are each multiplied by a number, and
/// whose scores have a scale of their own. Granite MoE has a mixture of experts for its
/// feed-forward, perhaps with one that every token passes through.
/// <https://huggingface.co/ibm-granite>
///
/// Also MiniCPM, whose scores have the usual scale. <https://arxiv.org/abs/2404.06395>
///
/// @param embeddingScale behind the embedding
/// @param branchScale behind attention and feed-forward, before they are added to the stream
record Granite(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Multiplier embeddingScale,
    Rope rope,
    Multiplier branchScale,
    Residual residual,
    List<Block> blocks,
    RmsNorm outputNorm,
    Head output,
    Set<Hook> hooks)
    implements Architecture {

  private record Block(
      RmsNorm attentionNorm,
      Attention attention,
      RmsNorm feedForwardNorm,
      FeedForward feedForward) {}

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    embeddingScale.apply(x);
    probe.at(EMBED, x);
    rope.prepare(batch, state);

    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      probe.at(RESID_PRE, layer, x);

      block.attentionNorm().apply(x, state.normed(), BEFORE_ATTENTION, layer, state, probe);
      block.attention().apply(layer, batch, state.normed(), state.branch(), state, probe);
      branchScale.apply(state.branch());
      probe.at(ATTN_OUT, layer, state.branch());
      residual.add(x, state.branch());
      probe.at(RESID_MID, layer, x);
      if (layer == blocks.size() - 1) {
        x = batch.wanted(x, state.kept()); // rows whose result nobody wants stop here
      }

      block.feedForwardNorm().apply(x, state.normed(), BEFORE_FEED_FORWARD, layer, state, probe);
      block.feedForward().apply(layer, state.normed(), state.branch(), state, probe);
      branchScale.apply(state.branch());
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
            .map(block -> Readout.Block.of(block.attention(), block.feedForward()))
            .toList();
    return new Readout(outputNorm.weights(), output, branches, branchScale.factor());
  }

  @Override
  public int experts() {
    return sizes.experts();
  }

  @Override
  public int expertsUsed() {
    return sizes.expertsUsed();
  }

  @Override
  public int window(int layer) {
    return sizes.window();
  }

  @Override
  public Rope rope(int layer) {
    return rope;
  }

  @Override
  public State newState() {
    return blocks.getFirst().feedForward().prepare(Blueprint.newState(sizes, heads));
  }

  /// Reads a Granite from the tensors of a file.
  static Granite read(Sizes sizes, Tensors tensors, Kernels kernels) {
    return read(new Blueprint(sizes, tensors, kernels), Hooks.PRE_NORM_GATED, Blueprint::swiGlu);
  }

  /// Reads a Granite MoE from the tensors of a file.
  static Granite readMoe(Sizes sizes, Tensors tensors, Kernels kernels) {
    var moe = new Blueprint(sizes, tensors, kernels);
    return read(
        moe,
        Mixtures.hasShared(moe) ? Hooks.PRE_NORM_MIXTURE_SHARED : Hooks.PRE_NORM_MIXTURE,
        (blueprint, name) -> Mixtures.read(name, true, blueprint));
  }

  /// Reads a MiniCPM, whose older files leave out what its published sizes have in common.
  static Granite readMiniCpm(Sizes sizes, Tensors tensors, Kernels kernels) {
    MetadataKeys keys = tensors.keys();
    var scales =
        new Scales(
            keys.positive("embedding_scale", 12),
            keys.positive("residual_scale", 1.4 / Math.sqrt(sizes.layers())),
            keys.positive("logit_scale", sizes.width() / 256.0));
    var blueprint = new Blueprint(sizes, tensors, kernels);
    return read(blueprint, scales, Hooks.PRE_NORM_GATED, Blueprint::swiGlu);
  }

  /// What embeddings and branches are multiplied by, and logits divided.
  private record Scales(double embedding, double branch, double logitDivisor) {}

  private static Granite read(
      Blueprint blueprint,
      Set<Hook> hooks,
      BiFunction<Blueprint, String, FeedForward> feedForward) {
    MetadataKeys keys = blueprint.tensors().keys();
    if (!keys.flag("rope.scaling.finetuned", true)) {
      throw blueprint
          .tensors()
          .unsupported(
              keys.prefix()
                  + "rope.scaling.finetuned is false, which says that no layer has RoPE; supported is true");
    }
    var scales =
        new Scales(
            keys.positive("embedding_scale", 1),
            keys.positive("residual_scale", 1),
            keys.positive("logit_scale"));
    return read(blueprint, scales, hooks, feedForward);
  }

  private static Granite read(
      Blueprint blueprint,
      Scales scales,
      Set<Hook> hooks,
      BiFunction<Blueprint, String, FeedForward> feedForward) {
    Sizes sizes = blueprint.sizes();
    Kernels kernels = blueprint.kernels();
    Rope rope = blueprint.rope(Rope.Order.NEIGHBOURS);
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = "blk." + layer + ".";
      blocks.add(
          new Block(
              blueprint.rmsNorm(name + "attn_norm"),
              new Attention(
                  blueprint.queryKeyValue(name),
                  Optional.empty(),
                  rope,
                  blueprint.heads(),
                  blueprint.scoring(),
                  blueprint.attentionOutput(name),
                  kernels),
              blueprint.rmsNorm(name + "ffn_norm"),
              feedForward.apply(blueprint, name)));
    }
    Weight embedding = blueprint.embedding();
    return new Granite(
        sizes,
        blueprint.heads(),
        embedding,
        new Multiplier((float) scales.embedding, kernels),
        rope,
        new Multiplier((float) scales.branch, kernels),
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.rmsNorm("output_norm"),
        blueprint.head(embedding, (float) (1 / scales.logitDivisor)),
        hooks);
  }
}
