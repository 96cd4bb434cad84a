package dev.inferno.internal.models;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.nn.Activation;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.GeGlu;
import dev.inferno.internal.nn.Head;
import dev.inferno.internal.nn.HeadLayerNorm;
import dev.inferno.internal.nn.LayerNorm;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.nn.PlainFeedForward;
import dev.inferno.internal.nn.QueryKeyNorm;
import dev.inferno.internal.nn.Residual;
import dev.inferno.internal.nn.RmsNorm;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.internal.nn.SwiGlu;
import java.util.Arrays;
import java.util.Optional;

/// The sizes and the tensors of a file, and how the blocks that models share are made of them:
/// under the names that all GGUF files give them, `NAME.weight` and, where there is one,
/// `NAME.bias`.
record Blueprint(Sizes sizes, Tensors tensors, Kernels kernels) {
  private static final String EMBEDDING = "token_embd.weight";
  private static final String FUSED = "attn_qkv";

  /// How fast the base of RoPE grows with the text; no key of llama.cpp's, which does not do it.
  private static final String DYNAMIC_FACTOR = "rope.scaling.dynamic_factor";

  Attention.Heads heads() {
    return new Attention.Heads(
        sizes.heads(), sizes.keyValueHeads(), sizes.keySize(), sizes.valueSize());
  }

  /// The scoring of a layer that sees as much as the file says.
  Attention.Scoring scoring() {
    return scoring(sizes.window(), sizes.keySize());
  }

  /// The scoring of a layer.
  ///
  /// @param window how many positions a query sees, 0 for all
  /// @param scalar what scores are divided by the root of, unless the file gives their scale
  Attention.Scoring scoring(int window, int scalar) {
    double scale = sizes.attentionScale().orElse(1 / Math.sqrt(scalar));
    return new Attention.Scoring((float) scale, sizes.attentionSoftcap(), window);
  }

  /// The scoring of a layer of a model of which only some may have the window.
  Attention.Scoring scoring(int layer) {
    boolean windowed = tensors.keys().windowed(layer, sizes.layers(), 0);
    return scoring(windowed ? sizes.window() : 0, sizes.keySize());
  }

  Residual residual() {
    return new Residual(kernels);
  }

  /// A norm over the width of the residual stream.
  RmsNorm rmsNorm(String name) {
    return rmsNorm(name, sizes.width());
  }

  RmsNorm rmsNorm(String name, int width) {
    return new RmsNorm(tensors.vector(name + ".weight", width), sizes.normEpsilon(), kernels);
  }

  LayerNorm layerNorm(String name) {
    return new LayerNorm(
        tensors.vector(name + ".weight", sizes.width()),
        tensors.vector(name + ".bias", sizes.width()),
        sizes.normEpsilon(),
        kernels);
  }

  LayerNorm layerNormWithoutBias(String name) {
    int width = sizes.width();
    float[] gain = tensors.vector(name + ".weight", width);
    return new LayerNorm(gain, new float[width], sizes.normEpsilon(), kernels);
  }

  /// Layer norms of the queries and keys of each head by itself.
  QueryKeyNorm headLayerNorms(String block) {
    return new QueryKeyNorm(
        headLayerNorm(block + "attn_q_norm.weight", sizes.heads()),
        headLayerNorm(block + "attn_k_norm.weight", sizes.keyValueHeads()));
  }

  private HeadLayerNorm headLayerNorm(String name, int heads) {
    float[] gains = tensors.headVectors(name, heads, sizes.keySize());
    return new HeadLayerNorm(gains, sizes.keySize(), sizes.normEpsilon(), kernels);
  }

  /// Queries, keys and values in one product: from one tensor that has them one above the other, or
  /// from three. Files of any family may have the one or the three.
  Linear queryKeyValue(String block) {
    int width = sizes.width();
    Attention.Heads heads = heads();
    if (tensors.has(block + FUSED + ".weight")) {
      return tensors.linear(block + FUSED, heads.queryKeyValueWidth(), width);
    }
    return Linear.stack(
        kernels,
        tensors.linear(block + "attn_q", heads.queryWidth(), width),
        tensors.linear(block + "attn_k", heads.keyWidth(), width),
        tensors.linear(block + "attn_v", heads.valueWidth(), width));
  }

  Linear attentionOutput(String block) {
    return tensors.linear(block + "attn_output", sizes.width(), heads().zWidth());
  }

  SwiGlu swiGlu(String block) {
    return swiGlu(block, sizes.feedForward());
  }

  /// The same with another inner width.
  SwiGlu swiGlu(String block, int feedForward) {
    Linear gateUp =
        Linear.stack(
            kernels,
            tensors.linear(block + "ffn_gate", feedForward, sizes.width()),
            tensors.linear(block + "ffn_up", feedForward, sizes.width()));
    Linear down = tensors.linear(block + "ffn_down", sizes.width(), feedForward);
    return new SwiGlu(gateUp, down, kernels);
  }

  /// The same from a tensor `ffn_up` that has the gate above it.
  SwiGlu fusedSwiGlu(String block) {
    Linear gateUp = tensors.linear(block + "ffn_up", 2 * sizes.feedForward(), sizes.width());
    return new SwiGlu(gateUp, down(block), kernels);
  }

  GeGlu geGlu(String block) {
    return new GeGlu(gateUp(block), down(block), kernels);
  }

  private Linear gateUp(String block) {
    return Linear.stack(
        kernels,
        tensors.linear(block + "ffn_gate", sizes.feedForward(), sizes.width()),
        tensors.linear(block + "ffn_up", sizes.feedForward(), sizes.width()));
  }

  PlainFeedForward plainFeedForward(String block, Activation activation) {
    Linear up = tensors.linear(block + "ffn_up", sizes.feedForward(), sizes.width());
    return new PlainFeedForward(up, activation, down(block), kernels);
  }

  Linear down(String block) {
    return tensors.linear(block + "ffn_down", sizes.width(), sizes.feedForward());
  }

  Weight embedding() {
    boolean isHeadToo = !tensors.has("output.weight");
    return tensors.table(EMBEDDING, sizes.vocabulary(), sizes.width(), isHeadToo);
  }

  /// The output projection; a file that has none means the embedding. Its bias is rare.
  Head head(Weight embedding) {
    return head(embedding, 1);
  }

  /// The same where logits are multiplied by a scale.
  Head head(Weight embedding, float scale) {
    Weight output =
        tensors.head("output.weight", EMBEDDING, embedding, sizes.vocabulary(), sizes.width());
    float[] bias = tensors.optionalVector("output.bias", sizes.vocabulary()).orElse(new float[0]);
    return new Head(new Linear(output, bias, kernels), sizes.outputSoftcap(), scale, kernels);
  }

  /// RoPE as the file scales it: by YaRN, by divisors of pairs that the file carries, one for each
  /// (Llama 3.1) or another in long texts (LongRoPE), by the length of the text (dynamic NTK), or
  /// by the factor of linear scaling.
  Rope rope(Rope.Order order) {
    int dimensions = sizes.ropeDimensions();
    MetadataKeys keys = tensors.keys();
    boolean changes = keys.text("rope.scaling.type", "").equals("longrope");
    if (changes || tensors.has("rope_factors_long.weight")) {
      return Rope.of(
          order,
          sizes.ropeBase(),
          dimensions,
          tensors.vector("rope_factors_short.weight", dimensions / 2),
          tensors.vector("rope_factors_long.weight", dimensions / 2),
          keys.count("rope.scaling.original_context_length", 1, Integer.MAX_VALUE),
          (float) keys.positive("rope.scaling.attn_factor", 1));
    }
    if (sizes.yarn().isPresent()) {
      return Rope.of(order, sizes.ropeBase(), dimensions, sizes.yarn().get());
    }
    if (keys.has(DYNAMIC_FACTOR)) {
      double factor = keys.positive(DYNAMIC_FACTOR);
      if (factor < 1 || dimensions < 4) {
        throw keys.malformed(
            DYNAMIC_FACTOR,
            "is %s for %d dimensions; possible are a factor of at least 1 and at least 4 dimensions"
                .formatted(factor, dimensions));
      }
      return Rope.dynamic(order, sizes.ropeBase(), dimensions, factor, sizes.contextLength());
    }
    float[] linear = new float[dimensions / 2];
    Arrays.fill(linear, sizes.ropeScaling());
    Optional<float[]> carried = tensors.optionalVector("rope_freqs.weight", dimensions / 2);
    return Rope.of(order, sizes.ropeBase(), dimensions, carried.orElse(linear));
  }

  /// Buffers for a forward pass of a model of these sizes.
  static State newState(Sizes sizes, Attention.Heads heads) {
    return newState(sizes, heads, sizes.feedForward());
  }

  /// The same where layers without experts have so many inner neurons.
  static State newState(Sizes sizes, Attention.Heads heads, int feedForward) {
    return new State(
        sizes.width(),
        heads.queryKeyValueWidth(),
        heads.zWidth(),
        feedForward,
        sizes.vocabulary(),
        sizes.experts(),
        sizes.expertsUsed(),
        sizes.experts() > 0 ? sizes.feedForward() : 1);
  }
}
