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
import java.util.function.BiFunction;

/// GPT-NeoX: layer norms, biases, rotary positions in a part of each head, a plain feed-forward
/// with GELU, which reads the same residual stream as attention: x + attention(norm(x)) +
/// feedForward(norm(x)), with a norm for each. `use_parallel_residual` may be false, then the
/// feed-forward follows attention. <https://arxiv.org/abs/2204.06745>
///
/// GGUF files do not store which GELU it is. All published models use the exact one, as is done
/// here; llama.cpp takes the one with the tangent, which makes logits differ by some thousandths.
/// `gptneox.tanh_gelu` may say so, and `gptneox.rope.freq_base`, which the converter does not
/// write.
///
/// Also what differs from it in which norms there are: Phi-2, whose two branches share one, and
/// whose output has a bias (<https://huggingface.co/microsoft/phi-2>); Falcon, whose two branches
/// share one or have one each, and queries share a key (<https://arxiv.org/abs/2311.16867>). Its
/// GELU is the exact one, for which llama.cpp takes the other here, too.
///
/// @param isParallel whether the two branches read the same stream
record GptNeoX(
    Sizes sizes,
    Attention.Heads heads,
    Weight embedding, // [vocabulary, width]
    Rope rope,
    Residual residual,
    List<Block> blocks,
    LayerNorm outputNorm,
    Head output,
    boolean isParallel)
    implements Architecture {

  private record Block(
      LayerNorm attentionNorm,
      Attention attention,
      Optional<LayerNorm> feedForwardNorm,
      PlainFeedForward feedForward) {}

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
      Rows attended = state.branch();
      probe.at(ATTN_OUT, layer, attended);
      if (!isParallel) {
        residual.add(x, attended);
        probe.at(RESID_MID, layer, x);
      }
      if (isLast) {
        x = batch.wanted(x, state.kept()); // rows whose result nobody wants stop here
        attended = batch.wanted(attended, state.postNormed());
      }
      Rows input = state.normed();
      if (block.feedForwardNorm().isPresent()) {
        block.feedForwardNorm().get().apply(x, input, BEFORE_FEED_FORWARD, layer, state, probe);
      }
      if (isParallel) {
        residual.add(x, attended);
      }
      if (isLast && block.feedForwardNorm().isEmpty()) {
        input = batch.wanted(input, state.postNormed()); // which nothing needs any more
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
  public Set<Hook> hooks() {
    if (!isParallel) {
      return Hooks.PRE_NORM_PLAIN_ROTARY;
    }
    return blocks.getFirst().feedForwardNorm().isPresent()
        ? Hooks.PARALLEL_PLAIN_ROTARY
        : Hooks.PARALLEL_PLAIN_ROTARY_ONE_NORM;
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

  /// Reads a GPT-NeoX from the tensors of a file.
  static GptNeoX read(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    MetadataKeys keys = tensors.keys();
    Activation activation =
        keys.flag("tanh_gelu", false) ? Activation.TANH_GELU : Activation.EXACT_GELU;
    return read(
        blueprint,
        keys.flag("use_parallel_residual", true),
        (name, rope) ->
            new Block(
                blueprint.layerNorm(name + "attn_norm"),
                attention(blueprint, rope, name),
                Optional.of(blueprint.layerNorm(name + "ffn_norm")),
                blueprint.plainFeedForward(name, activation)));
  }

  /// Reads a Phi-2.
  static GptNeoX readPhi2(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    return read(
        blueprint,
        true,
        (name, rope) ->
            new Block(
                blueprint.layerNorm(name + "attn_norm"),
                attention(blueprint, rope, name),
                Optional.empty(),
                blueprint.plainFeedForward(name, Activation.TANH_GELU)));
  }

  /// Reads a Falcon. Its files call the norm of the feed-forward that of attention where attention
  /// has a second one.
  static GptNeoX readFalcon(Sizes sizes, Tensors tensors, Kernels kernels) {
    var blueprint = new Blueprint(sizes, tensors, kernels);
    if (tensors.has("blk.0.ffn_norm.weight")) {
      throw tensors.unsupported(
          "tensor 'blk.0.ffn_norm.weight', which Falcon-RW has, in a file that does not say"
              + " falcon.attention.max_alibi_bias");
    }
    boolean hasTwoNorms = tensors.has("blk.0.attn_norm_2.weight");
    return read(
        blueprint,
        true,
        (name, rope) -> {
          LayerNorm norm = blueprint.layerNorm(name + "attn_norm");
          return new Block(
              hasTwoNorms ? blueprint.layerNorm(name + "attn_norm_2") : norm,
              attention(blueprint, rope, name),
              hasTwoNorms ? Optional.of(norm) : Optional.empty(),
              blueprint.plainFeedForward(name, Activation.EXACT_GELU));
        });
  }

  private static Attention attention(Blueprint blueprint, Rope rope, String block) {
    return new Attention(
        blueprint.queryKeyValue(block),
        Optional.empty(),
        rope,
        blueprint.heads(),
        blueprint.scoring(0, blueprint.sizes().keySize()),
        blueprint.attentionOutput(block),
        blueprint.kernels());
  }

  private static GptNeoX read(
      Blueprint blueprint, boolean isParallel, BiFunction<String, Rope, Block> block) {
    Sizes sizes = blueprint.sizes();
    Rope rope = blueprint.rope(Rope.Order.HALVES);
    List<Block> blocks = new ArrayList<>();
    for (int layer = 0; layer < sizes.layers(); layer++) {
      blocks.add(block.apply("blk." + layer + ".", rope));
    }
    Weight embedding = blueprint.embedding();
    return new GptNeoX(
        sizes,
        blueprint.heads(),
        embedding,
        rope,
        blueprint.residual(),
        List.copyOf(blocks),
        blueprint.layerNorm("output_norm"),
        blueprint.head(embedding),
        isParallel);
  }
}
