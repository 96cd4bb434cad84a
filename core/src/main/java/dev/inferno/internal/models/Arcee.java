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
import dev.inferno.internal.nn.Activation;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.PlainFeedForward;
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

/// Arcee's AFM: a llama whose feed-forward has no gate and takes the square of ReLU.
/// <https://www.arcee.ai/blog/deep-dive-afm-4-5b-the-first-arcee-foundational-model>
record Arcee(
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
      RmsNorm feedForwardNorm,
      PlainFeedForward feedForward) {}

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
      probe.at(ATTN_OUT, layer, state.branch());
      residual.add(x, state.branch());
      probe.at(RESID_MID, layer, x);
      if (layer == blocks.size() - 1) {
        x = batch.wanted(x, state.kept()); // rows whose result nobody wants stop here
      }

      block.feedForwardNorm().apply(x, state.normed(), BEFORE_FEED_FORWARD, layer, state, probe);
      block.feedForward().apply(layer, state.normed(), state.branch(), state, probe);
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
  public Set<Hook> hooks() {
    return Hooks.PRE_NORM_PLAIN_ROTARY;
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
    return Blueprint.newState(sizes, heads);
  }

  /// Reads an Arcee from the tensors of a file.
  static Arcee read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    Attention.Heads heads = blueprint.heads();
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
                  heads,
                  blueprint.scoring(),
                  blueprint.attentionOutput(name),
                  kernels),
              blueprint.rmsNorm(name + "ffn_norm"),
              blueprint.plainFeedForward(name, Activation.SQUARED_RELU)));
    }
    Weight embedding = blueprint.embedding();
    return new Arcee(
        sizes,
        heads,
        embedding,
        rope,
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.rmsNorm("output_norm"),
        blueprint.head(embedding));
  }
}
