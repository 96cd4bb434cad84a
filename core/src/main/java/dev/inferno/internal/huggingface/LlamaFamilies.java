package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.EXPERTS;
import static dev.inferno.internal.huggingface.Change.FIRST_HALF;
import static dev.inferno.internal.huggingface.Change.SECOND_HALF;
import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.decoder;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.window;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION_OF_PAIRS;
import static dev.inferno.internal.huggingface.TensorRows.BIASES_OF_PAIRS;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD_BIASES;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;

/// Llama and what is a llama in GGUF, or nearly one.
final class LlamaFamilies {
  private static final List<Row> MIXTURE =
      List.of(
          Row.of("model.layers.#.block_sparse_moe.gate.weight", "blk.#.ffn_gate_inp.weight"),
          Row.of(
              "model.layers.#.block_sparse_moe.experts.%.w1.weight",
              "blk.#.ffn_gate_exps.weight", EXPERTS),
          Row.of(
              "model.layers.#.block_sparse_moe.experts.%.w3.weight",
              "blk.#.ffn_up_exps.weight", EXPERTS),
          Row.of(
              "model.layers.#.block_sparse_moe.experts.%.w2.weight",
              "blk.#.ffn_down_exps.weight", EXPERTS));

  private static final List<Row> GRANITE_MIXTURE =
      List.of(
          Row.of(
              "model.layers.#.block_sparse_moe.router.layer.weight", "blk.#.ffn_gate_inp.weight"),
          Row.of(
              "model.layers.#.block_sparse_moe.input_linear.weight",
              "blk.#.ffn_gate_exps.weight",
              FIRST_HALF),
          Row.of(
              "model.layers.#.block_sparse_moe.input_linear.weight",
              "blk.#.ffn_up_exps.weight",
              SECOND_HALF),
          Row.of(
              "model.layers.#.block_sparse_moe.output_linear.weight",
              "blk.#.ffn_down_exps.weight"));

  private static final String SHARED = "shared_intermediate_size";
  private static final List<Row> GRANITE_SHARED_EXPERT =
      List.of(
          Row.of(
                  "model.layers.#.shared_mlp.input_linear.weight",
                  "blk.#.ffn_gate_shexp.weight",
                  FIRST_HALF)
              .onlyWith(SHARED),
          Row.of(
                  "model.layers.#.shared_mlp.input_linear.weight",
                  "blk.#.ffn_up_shexp.weight",
                  SECOND_HALF)
              .onlyWith(SHARED),
          Row.of("model.layers.#.shared_mlp.output_linear.weight", "blk.#.ffn_down_shexp.weight")
              .onlyWith(SHARED));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "llama",
              "LlamaForCausalLM",
              "llama",
              LlamaFamilies::llama,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION_OF_PAIRS,
                  BIASES_OF_PAIRS,
                  FEED_FORWARD,
                  FEED_FORWARD_BIASES)),
          Family.untied(
              "mistral",
              "MistralForCausalLM",
              "llama",
              LlamaFamilies::mistral,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION_OF_PAIRS, FEED_FORWARD)),
          Family.untied(
              "mixtral",
              "MixtralForCausalLM",
              "llama",
              LlamaFamilies::mixtral,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION_OF_PAIRS, MIXTURE)),
          Family.tied(
              "smollm3",
              "SmolLM3ForCausalLM",
              "smollm3",
              LlamaFamilies::smolLm3,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION_OF_PAIRS,
                  BIASES_OF_PAIRS,
                  FEED_FORWARD,
                  FEED_FORWARD_BIASES)),
          Family.untied(
              "granite",
              "GraniteForCausalLM",
              "granite",
              LlamaFamilies::granite,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION_OF_PAIRS,
                  BIASES_OF_PAIRS,
                  FEED_FORWARD,
                  FEED_FORWARD_BIASES)),
          Family.untied(
              "granitemoe",
              "GraniteMoeForCausalLM",
              "granitemoe",
              LlamaFamilies::graniteMoe,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION_OF_PAIRS,
                  BIASES_OF_PAIRS,
                  GRANITE_MIXTURE)),
          Family.untied(
              "granitemoeshared",
              "GraniteMoeSharedForCausalLM",
              "granitemoe",
              LlamaFamilies::graniteMoe,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION_OF_PAIRS,
                  BIASES_OF_PAIRS,
                  GRANITE_MIXTURE,
                  GRANITE_SHARED_EXPERT)));

  private LlamaFamilies() {}

  private static void llama(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }

  private static void mistral(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    window(config, metadata);
  }

  private static void mixtral(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 1_000_000);
    window(config, metadata);
    experts(config, metadata);
  }

  private static void experts(Config config, Metadata metadata) {
    long experts = config.count("num_local_experts", 1, 65_536);
    metadata.set("expert_count", "num_local_experts", experts);
    metadata.set(
        "expert_used_count",
        "num_experts_per_tok",
        config.count("num_experts_per_tok", 1, experts));
  }

  /// Which layers have no positions is no key of a converted SmolLM3, but one that is understood.
  private static void smolLm3(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    config.requireFlag("use_sliding_window", false);
    decoder(config, metadata, 2_000_000);
    fullAttention(config, metadata);
    long interval = config.optionalCount("no_rope_layer_interval", 1, 65_536).orElse(4);
    metadata.set("no_rope_layer_interval", "no_rope_layer_interval", interval);
    List<?> turned = config.list("no_rope_layers").orElse(List.of()); // 1 where RoPE is
    for (int layer = 0; layer < turned.size(); layer++) {
      long expected = (layer + 1) % interval == 0 ? 0 : 1;
      if (!Long.valueOf(expected).equals(turned.get(layer))) {
        throw config.unsupported(
            "no_rope_layers",
            "has %s for layer %d; supported is %d, since no_rope_layer_interval is %d"
                .formatted(turned.get(layer), layer, expected, interval));
      }
    }
  }

  private static void granite(Config config, Metadata metadata) {
    llama(config, metadata);
    scale("attention.scale", "attention_multiplier", config, metadata);
    scale("embedding_scale", "embedding_multiplier", config, metadata);
    scale("residual_scale", "residual_multiplier", config, metadata);
    scale("logit_scale", "logits_scaling", config, metadata);
  }

  private static void graniteMoe(Config config, Metadata metadata) {
    granite(config, metadata);
    experts(config, metadata);
    if (config.says(SHARED, false)) {
      Keys.size("expert_shared_feed_forward_length", SHARED, Keys.LARGEST_SIZE, config, metadata);
    }
  }

  private static void scale(String key, String source, Config config, Metadata metadata) {
    metadata.set(key, source, config.positive(source, 1));
  }
}
