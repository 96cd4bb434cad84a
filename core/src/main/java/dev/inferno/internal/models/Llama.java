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
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.RmsNorm;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.internal.nn.SwiGlu;
import dev.inferno.observe.Hook;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/// Llama: pre-norm blocks, grouped-query attention with rotary positions, SwiGLU.
/// <https://arxiv.org/abs/2302.13971>
///
/// Also what shares its shape: Llama 2 and 3 (whose files carry the factors of the scaled
/// frequencies), SmolLM2, models with biases, tied or untied output.
final class Llama implements Architecture {
  private record Block(
      RmsNorm attentionNorm, Attention attention, RmsNorm feedForwardNorm, SwiGlu feedForward) {}

  private final Sizes sizes;
  private final Attention.Heads heads;
  private final Weight embedding; // [vocabulary, width]
  private final Rope rope;
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
  public Attention.Heads heads() {
    return heads;
  }

  @Override
  public Set<Hook> hooks() {
    return Hooks.PRE_NORM_GATED;
  }

  @Override
  public State newState() {
    return new State(
        sizes.width(),
        heads.queryKeyValueWidth(),
        heads.zWidth(),
        sizes.feedForward(),
        sizes.vocabulary());
  }

  /// Reads a llama from the tensors of a file.
  static Llama read(Sizes sizes, Tensors tensors, Kernels kernels) {
    if (sizes.experts() > 0) {
      throw tensors.unsupported(
          "a mixture of %d experts; supported are dense models of this architecture"
              .formatted(sizes.experts()));
    }
    int width = sizes.width();
    var heads =
        new Attention.Heads(
            sizes.heads(), sizes.keyValueHeads(), sizes.keySize(), sizes.valueSize());
    Rope rope = Rope.of(sizes.ropeBase(), sizes.ropeDimensions(), ropeFactors(sizes, tensors));

    var blocks = new Block[sizes.layers()];
    for (int layer = 0; layer < blocks.length; layer++) {
      String name = "blk." + layer + ".";
      var attention =
          new Attention(
              Linear.stack(
                  kernels,
                  tensors.linear(name + "attn_q", heads.heads() * heads.keySize(), width),
                  tensors.linear(name + "attn_k", heads.keyValueHeads() * heads.keySize(), width),
                  tensors.linear(
                      name + "attn_v", heads.keyValueHeads() * heads.valueSize(), width)),
              tensors.linear(name + "attn_output", width, heads.zWidth()),
              rope,
              heads,
              kernels);
      var feedForward =
          new SwiGlu(
              Linear.stack(
                  kernels,
                  tensors.linear(name + "ffn_gate", sizes.feedForward(), width),
                  tensors.linear(name + "ffn_up", sizes.feedForward(), width)),
              tensors.linear(name + "ffn_down", width, sizes.feedForward()),
              kernels);
      blocks[layer] =
          new Block(
              new RmsNorm(
                  tensors.vector(name + "attn_norm.weight", width), sizes.normEpsilon(), kernels),
              attention,
              new RmsNorm(
                  tensors.vector(name + "ffn_norm.weight", width), sizes.normEpsilon(), kernels),
              feedForward);
    }

    Weight embedding = tensors.weight("token_embd.weight", sizes.vocabulary(), width);
    Optional<Weight> output = tensors.optionalWeight("output.weight", sizes.vocabulary(), width);
    return new Llama(
        sizes,
        heads,
        embedding,
        rope,
        new Residual(kernels),
        blocks,
        new RmsNorm(tensors.vector("output_norm.weight", width), sizes.normEpsilon(), kernels),
        new Head(output.orElse(embedding))); // absent: tied to the embedding
  }

  /// One divisor per pair of dimensions: those the file carries (Llama 3.1), or the factor of
  /// linear scaling.
  private static float[] ropeFactors(Sizes sizes, Tensors tensors) {
    int pairs = sizes.ropeDimensions() / 2;
    Optional<float[]> carried = tensors.optionalVector("rope_freqs.weight", pairs);
    if (carried.isPresent()) {
      return carried.get();
    }
    float[] factors = new float[pairs];
    Arrays.fill(factors, sizes.ropeScaling());
    return factors;
  }
}
