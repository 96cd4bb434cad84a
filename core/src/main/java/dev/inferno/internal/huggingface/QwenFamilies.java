package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.decoder;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.windows;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.BIASES;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;
import static dev.inferno.internal.huggingface.TensorRows.QUERY_AND_KEY_NORMS;

import java.util.List;

/// Qwen2 and Qwen3.
final class QwenFamilies {
  private static final List<Row> QWEN2_BIASES =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "qwen2",
              "Qwen2ForCausalLM",
              "qwen2",
              QwenFamilies::qwen,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION, QWEN2_BIASES, FEED_FORWARD)),
          Family.untied(
              "qwen3",
              "Qwen3ForCausalLM",
              "qwen3",
              QwenFamilies::qwen,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION,
                  BIASES,
                  QUERY_AND_KEY_NORMS,
                  FEED_FORWARD)));

  private QwenFamilies() {}

  /// Qwen2 and Qwen3. Which layers have a window is no key of a converted one, but one that is
  /// understood.
  private static void qwen(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    if (config.flag("use_sliding_window", false) && config.has("sliding_window")) {
      long first = config.optionalCount("max_window_layers", 0, Integer.MAX_VALUE).orElse(28);
      windows(config, metadata, layer -> layer >= first);
    } else {
      fullAttention(config, metadata);
    }
  }
}
