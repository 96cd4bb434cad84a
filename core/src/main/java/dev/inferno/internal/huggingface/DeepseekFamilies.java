package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;

/// DeepSeek-V2 and V3.
final class DeepseekFamilies {
  private static final String QUERY_LATENT = "q_lora_rank";
  private static final List<Row> LATENT_ATTENTION =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight")
              .onlyWithout(QUERY_LATENT),
          Row.of("model.layers.#.self_attn.q_a_proj.weight", "blk.#.attn_q_a.weight")
              .onlyWith(QUERY_LATENT),
          Row.of("model.layers.#.self_attn.q_a_layernorm.weight", "blk.#.attn_q_a_norm.weight")
              .onlyWith(QUERY_LATENT),
          Row.of("model.layers.#.self_attn.q_b_proj.weight", "blk.#.attn_q_b.weight")
              .onlyWith(QUERY_LATENT),
          Row.of(
              "model.layers.#.self_attn.kv_a_proj_with_mqa.weight", "blk.#.attn_kv_a_mqa.weight"),
          Row.of("model.layers.#.self_attn.kv_a_layernorm.weight", "blk.#.attn_kv_a_norm.weight"),
          Row.of("model.layers.#.self_attn.kv_b_proj.weight", "blk.#.attn_kv_b.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "deepseek_v3",
              "DeepseekV3ForCausalLM",
              "deepseek2",
              DeepseekFamilies::v3,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, LATENT_ATTENTION, FEED_FORWARD)),
          Family.untied(
              "deepseek_v2",
              "DeepseekV2ForCausalLM",
              "deepseek2",
              DeepseekFamilies::v2,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, LATENT_ATTENTION, FEED_FORWARD)));

  private DeepseekFamilies() {}

  private static void v3(Config config, Metadata metadata) {
    config.requireFlag("rope_interleave", true);
    latentAttention(config, metadata);
  }

  private static void v2(Config config, Metadata metadata) {
    config.requireFlag("mlp_bias", false);
    latentAttention(config, metadata);
  }

  private static void latentAttention(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    config.requireFlag("attention_bias", false);
    sizes(config, metadata);
    long turned = config.count("qk_rope_head_dim", 2, 65_536);
    long still = config.count("qk_nope_head_dim", 1, 65_536);
    long value = config.count("v_head_dim", 1, 65_536);
    metadata.set("attention.key_length", "qk_nope_head_dim", still + turned);
    metadata.set("attention.value_length", "v_head_dim", value);
    metadata.set(
        "attention.kv_lora_rank", "kv_lora_rank", config.count("kv_lora_rank", 1, 1 << 20));
    config
        .optionalCount(QUERY_LATENT, 1, 1 << 20)
        .ifPresent(rank -> metadata.set("attention.q_lora_rank", QUERY_LATENT, rank));
    RopeKeys.read(config, metadata, 10_000);
    metadata.set("rope.dimension_count", "qk_rope_head_dim", turned);
    fullAttention(config, metadata);
    String dense = "first_k_dense_replace";
    long layers = metadata.count("block_count");
    if (config.has("n_routed_experts")
        && config.optionalCount(dense, 0, 65_536).orElse(0) < layers) {
      throw config.unsupported(
          dense,
          "is less than all layers, so that there are mixtures of experts; supported are models without");
    }
  }
}
