package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.PLUS_ONE;
import static dev.inferno.internal.huggingface.Keys.TANH_GELU;
import static dev.inferno.internal.huggingface.Keys.decoder;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.layerTypes;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.Keys.softcap;
import static dev.inferno.internal.huggingface.Keys.windows;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.BIASES;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;

import java.util.List;
import java.util.Set;

/// Gemma, whose norms multiply by 1 + w and whose output is the embedding.
final class GemmaFamilies {
  private static final List<Row> GEMMA_NORMS =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", PLUS_ONE),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight", PLUS_ONE));

  private static final List<Row> GEMMA2_NORMS =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", PLUS_ONE),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight",
              "blk.#.post_attention_norm.weight",
              PLUS_ONE),
          Row.of(
              "model.layers.#.pre_feedforward_layernorm.weight", "blk.#.ffn_norm.weight", PLUS_ONE),
          Row.of(
              "model.layers.#.post_feedforward_layernorm.weight",
              "blk.#.post_ffw_norm.weight",
              PLUS_ONE));

  private static final List<Row> GEMMA3_QUERY_AND_KEY_NORMS =
      List.of(
          Row.of("model.layers.#.self_attn.q_norm.weight", "blk.#.attn_q_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.self_attn.k_norm.weight", "blk.#.attn_k_norm.weight", PLUS_ONE));

  static final List<Family> ALL =
      List.of(
          Family.tied(
              "gemma",
              "GemmaForCausalLM",
              "gemma",
              GemmaFamilies::gemma,
              List.of(EMBEDDING_AND_OUTPUT, GEMMA_NORMS, ATTENTION, BIASES, FEED_FORWARD)),
          Family.tied(
              "gemma2",
              "Gemma2ForCausalLM",
              "gemma2",
              GemmaFamilies::gemma2,
              List.of(EMBEDDING_AND_OUTPUT, GEMMA2_NORMS, ATTENTION, BIASES, FEED_FORWARD)),
          Family.tied(
              "gemma3_text",
              "Gemma3ForCausalLM",
              "gemma3",
              GemmaFamilies::gemma3,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  GEMMA2_NORMS,
                  ATTENTION,
                  BIASES,
                  GEMMA3_QUERY_AND_KEY_NORMS,
                  FEED_FORWARD)));

  private GemmaFamilies() {}

  private static void gemma(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", TANH_GELU);
    config.requireOneOf("hidden_activation", TANH_GELU);
    config.requireFlag("use_bidirectional_attention", false);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }

  /// The scale of the scores is no key of a converted Gemma 2, but one that is understood.
  private static void gemma2(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", TANH_GELU);
    config.requireOneOf("hidden_activation", TANH_GELU);
    config.requireFlag("use_bidirectional_attention", false);
    decoder(config, metadata, 10_000);
    metadata.set(
        "attention.sliding_window",
        "sliding_window",
        config.count("sliding_window", 1, Integer.MAX_VALUE));
    layerTypes(config, metadata, layer -> layer % 2 == 0 ? "sliding_attention" : "full_attention");
    attentionScale(config, metadata);
    softcap("attn_logit_softcapping", config, metadata);
    softcap("final_logit_softcapping", config, metadata);
  }

  /// The two ropes are one object each in `rope_parameters` of newer releases.
  private static void gemma3(Config config, Metadata metadata) {
    config.requireOneOf("hidden_activation", TANH_GELU);
    config.requireFlag("use_bidirectional_attention", false);
    config.requireAbsent("attn_logit_softcapping", "none");
    sizes(config, metadata);
    Config ropes = config.object("rope_parameters").orElse(config);
    String kind = "full_attention";
    if (ropes.object(kind).isPresent()) {
      RopeKeys.read(config, ropes.object(kind).get(), metadata, 1_000_000, 1);
      ropes
          .object("sliding_attention")
          .ifPresent(nearby -> {
            nearby.requireOneOf("rope_type", Set.of("default"));
            localBase("rope_theta", nearby, metadata);
          });
    } else {
      RopeKeys.read(config, metadata, 1_000_000);
      localBase("rope_local_base_freq", config, metadata);
    }
    windows(config, metadata, 6);
    attentionScale(config, metadata);
    softcap("final_logit_softcapping", config, metadata);
  }

  private static void localBase(String key, Config config, Metadata metadata) {
    metadata.set("rope.freq_base_swa", config.label(key), config.positive(key, 10_000));
  }

  private static void attentionScale(Config config, Metadata metadata) {
    double scalar = config.positive("query_pre_attn_scalar");
    metadata.set(
        "attention.scale", "query_pre_attn_scalar", (double) (float) (1 / Math.sqrt(scalar)));
  }
}
