package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.decoder;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.BIASES;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;
import static dev.inferno.internal.huggingface.TensorRows.QUERY_AND_KEY_NORMS;

import java.util.List;

/// OLMo 2.
final class OlmoFamilies {
  private static final List<Row> NORMS_BEHIND =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight", "blk.#.post_attention_norm.weight"),
          Row.of("model.layers.#.post_feedforward_layernorm.weight", "blk.#.post_ffw_norm.weight"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "olmo2",
              "Olmo2ForCausalLM",
              "olmo2",
              OlmoFamilies::olmo2,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEHIND,
                  ATTENTION,
                  BIASES,
                  QUERY_AND_KEY_NORMS,
                  FEED_FORWARD)));

  private OlmoFamilies() {}

  private static void olmo2(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }
}
