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
import dev.inferno.internal.nn.GeGlu;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.Multiplier;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.QueryKeyNorm;
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

/// Gemma 3: norms before and after attention and feed-forward as in Gemma 2, queries and keys
/// normed instead of scores capped, and a sliding window with a rope of its own in five layers of
/// six. <https://arxiv.org/abs/2503.19786>
///
/// Its norms multiply by 1 + w; GGUF files store that sum. They do not store what scores are scaled
/// by, where that is not the head size; `gemma3.attention.scale` may say so.
record Gemma3(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Multiplier embeddingScale,
    Residual residual,
    List<Block> blocks,
    RmsNorm outputNorm,
    Head output)
    implements Architecture {

  /// @param window how many positions a query sees, 0 for all
  /// @param rope the one of layers with a window, or that of those without
  private record Block(
      int window,
      Rope rope,
      RmsNorm attentionNorm,
      Attention attention,
      RmsNorm postAttentionNorm,
      RmsNorm feedForwardNorm,
      GeGlu feedForward,
      RmsNorm postFeedForwardNorm) {}

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    embeddingScale.apply(x);
    probe.at(EMBED, x);

    for (int layer = 0; layer < blocks.size(); layer++) {
      Block block = blocks.get(layer);
      if (layer == 0 || rope(layer) != rope(layer - 1)) {
        rope(layer).prepare(batch, state);
      }
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
    return Hooks.PRE_AND_POST_NORM_GATED_QUERY_KEY_NORM;
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

  /// Reads a Gemma 3 from the tensors of a file.
  static Gemma3 read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    MetadataKeys keys = tensors.keys();
    Attention.Heads heads = blueprint.heads();
    Rope everywhere = blueprint.rope(Rope.Order.HALVES);
    Rope nearby = // never scaled
        Rope.of(
            Rope.Order.HALVES,
            keys.positive("rope.freq_base_swa", 10_000),
            sizes.ropeDimensions(),
            Rope.unscaled(sizes.ropeDimensions()));
    // 27B, the one of 62 layers, divides the width by its heads here: 168, its head size being 128
    int scalar = sizes.layers() == 62 ? sizes.width() / sizes.heads() : sizes.keySize();
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      String name = "blk." + layer + ".";
      int window = keys.windowed(layer, sizes.layers(), 6) ? sizes.window() : 0;
      Rope rope = window > 0 ? nearby : everywhere;
      var norm =
          new QueryKeyNorm(
              blueprint.rmsNorm(name + "attn_q_norm", sizes.keySize()),
              blueprint.rmsNorm(name + "attn_k_norm", sizes.keySize()));
      blocks.add(
          new Block(
              window,
              rope,
              blueprint.rmsNorm(name + "attn_norm"),
              new Attention(
                  blueprint.queryKeyValue(name),
                  Optional.of(norm),
                  rope,
                  heads,
                  blueprint.scoring(window, scalar),
                  blueprint.attentionOutput(name),
                  kernels),
              blueprint.rmsNorm(name + "post_attention_norm"),
              blueprint.rmsNorm(name + "ffn_norm"),
              blueprint.geGlu(name),
              blueprint.rmsNorm(name + "post_ffw_norm")));
    }
    Weight embedding = blueprint.embedding();
    return new Gemma3(
        sizes,
        heads,
        embedding,
        new Multiplier((float) Math.sqrt(sizes.width()), kernels),
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.rmsNorm("output_norm"),
        blueprint.head(embedding));
  }
}
