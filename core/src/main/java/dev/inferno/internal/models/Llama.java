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
import dev.inferno.internal.nn.Alibi;
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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;

/// Llama: pre-norm blocks, grouped-query attention with rotary positions, SwiGLU.
/// <https://arxiv.org/abs/2302.13971>
///
/// Also what differs from it in numbers only: Llama 2 and 3 (whose files carry the factors of the
/// scaled frequencies), SmolLM2; Mistral, where the file gives a sliding window
/// (<https://arxiv.org/abs/2310.06825>); Qwen2, with biases on queries, keys and values
/// (<https://arxiv.org/abs/2407.10671>); SmolLM3, every fourth layer of which has no positions
/// (<https://huggingface.co/blog/smollm3>); EXAONE 3 (<https://arxiv.org/abs/2408.03541>);
/// InternLM2 (<https://arxiv.org/abs/2403.17297>); Baichuan, which in its larger size tells
/// positions apart by what their distance takes from the scores
/// (<https://arxiv.org/abs/2309.10305>).
final class Llama implements Architecture {
  private record Block(
      Rope rope,
      RmsNorm attentionNorm,
      Attention attention,
      RmsNorm feedForwardNorm,
      SwiGlu feedForward) {}

  private final Sizes sizes;
  private final Attention.Heads heads;
  private final Weight embedding; // [vocabulary, width]
  private final Rope rope; // of all layers that have one
  private final Residual residual;
  private final Block[] blocks;
  private final RmsNorm outputNorm;
  private final Head output;

  private Llama(
      Sizes sizes,
      Attention.Heads heads,
      Weight embedding,
      Rope rope,
      Residual residual,
      Block[] blocks,
      RmsNorm outputNorm,
      Head output) {
    this.sizes = sizes;
    this.heads = heads;
    this.embedding = embedding;
    this.rope = rope;
    this.residual = residual;
    this.blocks = blocks;
    this.outputNorm = outputNorm;
    this.output = output;
  }

  @Override
  public void forward(Batch batch, State state, Probe probe) {
    Rows x = state.begin(batch); // [rows, width]
    embedding.gather(batch.tokens(), batch.rows(), x);
    probe.at(EMBED, x);
    rope.prepare(batch, state);

    for (int layer = 0; layer < blocks.length; layer++) {
      Block block = blocks[layer];
      probe.at(RESID_PRE, layer, x);

      block.attentionNorm().apply(x, state.normed(), BEFORE_ATTENTION, layer, state, probe);
      block.attention().apply(layer, batch, state.normed(), state.branch(), state, probe);
      probe.at(ATTN_OUT, layer, state.branch());
      residual.add(x, state.branch());
      probe.at(RESID_MID, layer, x);
      if (layer == blocks.length - 1) {
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
        Arrays.stream(blocks)
            .map(block -> Readout.Block.of(block.attention(), block.feedForward().down()))
            .toList();
    return new Readout(outputNorm.weights(), output, branches);
  }

  @Override
  public Attention.Heads heads() {
    return heads;
  }

  @Override
  public Set<Hook> hooks() {
    return Hooks.PRE_NORM_GATED;
  }

  @Override
  public int window(int layer) {
    return blocks[layer].attention().window();
  }

  @Override
  public Rope rope(int layer) {
    return blocks[layer].rope();
  }

  @Override
  public State newState() {
    return Blueprint.newState(sizes, heads);
  }

  /// Reads a llama from the tensors of a file.
  static Llama read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    return read(blueprint, blueprint.rope(Rope.Order.NEIGHBOURS));
  }

  /// Reads a Qwen2 or an EXAONE, whose files order the dimensions of a head otherwise.
  static Llama readHalves(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    return read(blueprint, blueprint.rope(Rope.Order.HALVES));
  }

  /// Reads a SmolLM3, whose files may say which layers have no positions.
  static Llama readSmolLm3(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    int interval = tensors.keys().count("no_rope_layer_interval", 1, Integer.MAX_VALUE, 4);
    Rope rope = blueprint.rope(Rope.Order.NEIGHBOURS);
    return read(blueprint, rope, layer -> (layer + 1) % interval != 0, Alibi.NONE);
  }

  /// Reads a Baichuan, whose files do not say what tells positions apart: the model of 13B, the one
  /// of 40 layers, has ALiBi.
  static Llama readBaichuan(Sizes sizes, Tensors tensors, Kernels kernels) {
    return switch (sizes.layers()) {
      case 32 -> read(sizes, tensors, kernels);
      case 40 -> {
        var blueprint = new Blueprint(sizes, tensors, kernels);
        yield read(blueprint, Rope.none(), _ -> true, Alibi.of(sizes.heads(), 8));
      }
      default ->
          throw tensors.unsupported(
              "baichuan.block_count is %d; supported are 32 and 40, the layers of 7B and 13B"
                  .formatted(sizes.layers()));
    };
  }

  private static Llama read(Blueprint blueprint, Rope rope) {
    return read(blueprint, rope, _ -> true, Alibi.NONE);
  }

  /// @param turned tells which layers have the rope
  private static Llama read(Blueprint blueprint, Rope rope, IntPredicate turned, Alibi alibi) {
    Sizes sizes = blueprint.sizes();
    Rope still = rope.still();
    var blocks = new Block[sizes.layers()];
    for (int layer = 0; layer < blocks.length; layer++) {
      String name = "blk." + layer + ".";
      Rope own = turned.test(layer) ? rope : still;
      blocks[layer] =
          new Block(
              own,
              blueprint.rmsNorm(name + "attn_norm"),
              new Attention(
                  blueprint.queryKeyValue(name),
                  Optional.empty(),
                  own,
                  blueprint.heads(),
                  blueprint.scoring(layer).with(alibi),
                  blueprint.attentionOutput(name),
                  blueprint.kernels()),
              blueprint.rmsNorm(name + "ffn_norm"),
              blueprint.swiGlu(name));
    }
    Weight embedding = blueprint.embedding();
    return new Llama(
        sizes,
        blueprint.heads(),
        embedding,
        rope,
        blueprint.residual(),
        blocks,
        blueprint.rmsNorm("output_norm"),
        blueprint.head(embedding));
  }
}
