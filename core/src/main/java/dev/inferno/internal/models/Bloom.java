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
import dev.inferno.internal.nn.Alibi;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.ClampedProjection;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.LayerNorm;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.PlainFeedForward;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Projection;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.observe.Hook;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// BLOOM, MPT and the Falcons of RefinedWeb (1B and 7B): positions are told apart by what their
/// distance takes from the scores (ALiBi); layer norms before attention and feed-forward, a plain
/// feed-forward with GELU. BLOOM has biases everywhere and norms its embeddings
/// (<https://arxiv.org/abs/2211.05100>); MPT has no bias anywhere, and may clamp queries, keys and
/// values (<https://www.databricks.com/blog/mpt-7b>). Falcon scales the biases of positions with
/// the scores (<https://arxiv.org/abs/2306.01116>).
///
/// @param embeddingNorm behind the embedding
record Bloom(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Optional<LayerNorm> embeddingNorm,
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
    if (embeddingNorm.isPresent()) {
      embeddingNorm.get().apply(x, x);
    }
    probe.at(EMBED, x);

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

  /// Reads a BLOOM from the tensors of a file.
  static Bloom read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    return read(
        blueprint,
        Optional.of(blueprint.layerNorm("token_embd_norm")),
        blueprint::layerNorm,
        blueprint::queryKeyValue,
        Alibi.of(sizes.heads(), 8),
        Activation.TANH_GELU);
  }

  /// Reads an MPT from the tensors of a file.
  static Bloom readMpt(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    MetadataKeys keys = tensors.keys();
    if (tensors.has("position_embd.weight") || tensors.has("blk.0.attn_q_norm.weight")) {
      throw tensors.unsupported(
          "an mpt with learned positions or norms of queries and keys; supported are those with ALiBi alone");
    }
    boolean clamped = keys.has("attention.clamp_kqv");
    float limit = clamped ? (float) keys.positive("attention.clamp_kqv") : 0;
    return read(
        blueprint,
        Optional.empty(),
        blueprint::layerNormWithoutBias,
        block -> {
          Linear projection = blueprint.queryKeyValue(block);
          return clamped ? new ClampedProjection(projection, limit) : projection;
        },
        Alibi.of(sizes.heads(), keys.positive("attention.max_alibi_bias")),
        Activation.EXACT_GELU);
  }

  /// Reads a Falcon with ALiBi from the tensors of a file.
  static Bloom readFalcon(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    double bias = tensors.keys().positive("attention.max_alibi_bias");
    float scale = (float) (1 / Math.sqrt(sizes.keySize()));
    return read(
        blueprint,
        Optional.empty(),
        blueprint::layerNorm,
        blueprint::queryKeyValue,
        Alibi.of(sizes.heads(), bias).rounded(scale),
        Activation.EXACT_GELU);
  }

  private static Bloom read(
      Blueprint blueprint,
      Optional<LayerNorm> embeddingNorm,
      Function<String, LayerNorm> norms,
      Function<String, Projection> projections,
      Alibi alibi,
      Activation activation) {
    Sizes sizes = blueprint.sizes();
    Attention.Scoring scoring = blueprint.scoring().with(alibi);
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = "blk." + layer + ".";
      blocks.add(
          new Block(
              norms.apply(name + "attn_norm"),
              new Attention(
                  projections.apply(name),
                  Optional.empty(),
                  Rope.none(),
                  blueprint.heads(),
                  scoring,
                  blueprint.attentionOutput(name),
                  blueprint.kernels()),
              norms.apply(name + "ffn_norm"),
              blueprint.plainFeedForward(name, activation)));
    }
    Weight embedding = blueprint.embedding();
    return new Bloom(
        sizes,
        blueprint.heads(),
        embedding,
        embeddingNorm,
        blueprint.residual(),
        List.copyOf(blocks),
        norms.apply("output_norm"),
        blueprint.head(embedding));
  }
}
