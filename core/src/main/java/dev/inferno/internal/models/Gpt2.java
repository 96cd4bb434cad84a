package dev.inferno.internal.models;

import static dev.inferno.internal.nn.NormPoints.BEFORE_ATTENTION;
import static dev.inferno.internal.nn.NormPoints.BEFORE_FEED_FORWARD;
import static dev.inferno.internal.nn.NormPoints.FINAL;
import static dev.inferno.observe.Hook.ATTN_OUT;
import static dev.inferno.observe.Hook.EMBED;
import static dev.inferno.observe.Hook.MLP_OUT;
import static dev.inferno.observe.Hook.POS_EMBED;
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
import dev.inferno.internal.nn.LayerNorm;
import dev.inferno.internal.nn.PlainFeedForward;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// GPT-2: learned embeddings of positions, layer norms before attention and feed-forward, biases
/// everywhere, a plain feed-forward with GELU.
/// <https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf>
record Gpt2(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Weight positionEmbedding, // [positions, width]
    Residual residual,
    List<Block> blocks,
    LayerNorm outputNorm,
    Head output)
    implements Architecture {

  private record Block(
      LayerNorm attentionNorm,
      Attention attention,
      LayerNorm feedForwardNorm,
      PlainFeedForward feedForward) {}

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    probe.at(EMBED, x);
    Rows positions = state.positions().resize(x.rows(), x.longRows());
    positionEmbedding.gather(batch.positions(), batch.rows(), positions);
    probe.at(POS_EMBED, positions);
    residual.add(x, positions);

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
    return Hooks.PRE_NORM_PLAIN;
  }

  @Override
  public int window(int layer) {
    return 0;
  }

  @Override
  public Rope rope(int layer) {
    return Rope.none();
  }

  @Override
  public State newState() {
    return Blueprint.newState(sizes, heads);
  }

  @Override
  public int positions() {
    return positionEmbedding.rows();
  }

  /// Reads a GPT-2 from the tensors of a file.
  static Gpt2 read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    Attention.Heads heads = blueprint.heads();
    Activation gelu =
        tensors.keys().flag("exact_gelu", false) ? Activation.EXACT_GELU : Activation.TANH_GELU;
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = "blk." + layer + ".";
      blocks.add(
          new Block(
              blueprint.layerNorm(name + "attn_norm"),
              new Attention(
                  blueprint.queryKeyValue(name),
                  Optional.empty(),
                  Rope.none(),
                  heads,
                  blueprint.scoring(),
                  blueprint.attentionOutput(name),
                  kernels),
              blueprint.layerNorm(name + "ffn_norm"),
              blueprint.plainFeedForward(name, gelu)));
    }
    Weight embedding = blueprint.embedding();
    return new Gpt2(
        sizes,
        heads,
        embedding,
        tensors.table("position_embd.weight", sizes.contextLength(), sizes.width(), false),
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.layerNorm("output_norm"),
        blueprint.head(embedding));
  }
}
