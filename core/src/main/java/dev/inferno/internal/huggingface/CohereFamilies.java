package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.Keys.windows;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.BIASES;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;

import java.util.List;

/// Command R, Aya, Command R7B and Command A of Cohere, which turn neighbours here as in GGUF.
final class CohereFamilies {
  private static final List<Row> NORMS =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"));

  private static final List<Row> HEAD_NORMS =
      TensorRows.QUERY_AND_KEY_NORMS.stream().map(row -> row.onlyWith("use_qk_norm")).toList();

  static final List<Family> ALL =
      List.of(
          Family.tied(
              "cohere",
              "CohereForCausalLM",
              "command-r",
              CohereFamilies::cohere,
              List.of(EMBEDDING_AND_OUTPUT, NORMS, ATTENTION, BIASES, HEAD_NORMS, FEED_FORWARD)),
          Family.tied(
              "cohere2",
              "Cohere2ForCausalLM",
              "cohere2",
              CohereFamilies::cohere2,
              List.of(EMBEDDING_AND_OUTPUT, NORMS, ATTENTION, BIASES, FEED_FORWARD)));

  private CohereFamilies() {}

  private static void cohere(Config config, Metadata metadata) {
    decoder(config, metadata);
    fullAttention(config, metadata);
  }

  /// Which layers have a window is a key that llama.cpp's converter leaves out, and understands.
  private static void cohere2(Config config, Metadata metadata) {
    double part = config.positive("rotary_pct", 1);
    if (part != 1) {
      throw config.unsupported("rotary_pct", "is %s; supported is 1".formatted(part));
    }
    decoder(config, metadata);
    windows(config, metadata, 4);
  }

  private static void decoder(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    sizes(config, metadata, "attention.layer_norm_epsilon", "layer_norm_eps");
    RopeKeys.read(config, metadata, 10_000);
    RopeKeys.sayUnscaled(metadata);
    metadata.set("logit_scale", "logit_scale", config.positive("logit_scale", 0.0625));
  }
}
