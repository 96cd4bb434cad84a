package dev.inferno.internal.models;

import static dev.inferno.internal.nn.NormPoints.BEFORE_ATTENTION;
import static dev.inferno.internal.nn.NormPoints.BEFORE_FEED_FORWARD;
import static dev.inferno.internal.nn.NormPoints.BEHIND_ATTENTION;
import static dev.inferno.internal.nn.NormPoints.BEHIND_FEED_FORWARD;
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
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.RmsNorm;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.internal.nn.SwiGlu;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// GLM-4: norms before and after attention and feed-forward, half of each head turned, biases on
/// queries, keys and values, gate and up in one matrix. <https://arxiv.org/abs/2406.12793>
record Glm4(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Rope rope,
    Residual residual,
    List<Block> blocks,
    RmsNorm outputNorm,
    Head output)
    implements Architecture {

  private record Block(
      RmsNorm attentionNorm,
      Attention attention,
      RmsNorm postAttentionNorm,
      RmsNorm feedForwardNorm,
      SwiGlu feedForward,
      RmsNorm postFeedForwardNorm) {}

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    probe.at(EMBED, x);
    rope.prepare(batch, state);

    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      probe.at(RESID_PRE, layer, x);

      block.attentionNorm().apply(x, state.normed(), BEFORE_ATTENTION, layer, state, probe);
      block.attention().apply(layer, batch, state.normed(), state.branch(), state, probe);
      block
          .postAttentionNorm()
          .apply(state.branch(), state.postNormed(), BEHIND_ATTENTION, layer, state, probe);
      probe.at(ATTN_OUT, layer, state.postNormed());
      residual.add(x, state.postNormed());
      probe.at(RESID_MID, layer, x);
      if (layer == blocks.size() - 1) {
        x = batch.wanted(x, state.kept()); // rows whose result nobody wants stop here
      }

      block.feedForwardNorm().apply(x, state.normed(), BEFORE_FEED_FORWARD, layer, state, probe);
      block.feedForward().apply(layer, state.normed(), state.branch(), state, probe);
      block
          .postFeedForwardNorm()
          .apply(state.branch(), state.postNormed(), BEHIND_FEED_FORWARD, layer, state, probe);
      probe.at(MLP_OUT, layer, state.postNormed());
      residual.add(x, state.postNormed());
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
            .map(block ->
                Readout.Block.of(
                    block.attention(),
                    block.postAttentionNorm(),
                    block.feedForward().down(),
                    block.postFeedForwardNorm()))
            .toList();
    return new Readout(outputNorm.weights(), output, branches);
  }

  @Override
  public Set<Hook> hooks() {
    return Hooks.PRE_AND_POST_NORM_GATED;
  }

  @Override
  public int window(int layer) {
    return 0;
  }

  @Override
  public Rope rope(int layer) {
    return rope;
  }

  @Override
  public State newState() {
    return Blueprint.newState(sizes, heads);
  }

  /// Reads a GLM-4 from the tensors of a file.
  static Glm4 read(Sizes sizes, Tensors tensors, Kernels kernels) {
    if (tensors.keys().has("rope.dimension_sections")) {
      throw tensors.unsupported(
          "glm4.rope.dimension_sections, positions in pictures; supported are the models of texts");
    }
    var blueprint = new Blueprint(sizes, tensors, kernels);
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
              blueprint.rmsNorm(name + "post_attention_norm"),
              blueprint.rmsNorm(name + "ffn_norm"),
              blueprint.fusedSwiGlu(name),
              blueprint.rmsNorm(name + "post_ffw_norm")));
    }
    Weight embedding = blueprint.embedding();
    return new Glm4(
        sizes,
        blueprint.heads(),
        embedding,
        rope,
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.rmsNorm("output_norm"),
        blueprint.head(embedding));
  }
}
