package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.LATENT_KEYS;
import static dev.inferno.internal.huggingface.Change.LATENT_VALUES;
import static dev.inferno.internal.huggingface.Keys.LARGEST_SIZE;
import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.size;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/// DeepSeek-V2 and V3. They are computed with in the layout of the folder, with the matrix that
/// makes keys and values of the latent in one; llama.cpp's converter cuts it in two.
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
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  private static final String KEYS_AND_VALUES = "model.layers.#.self_attn.kv_b_proj.weight";
  private static final List<Row> WHOLE = List.of(Row.of(KEYS_AND_VALUES, "blk.#.attn_kv_b.weight"));
  private static final List<Row> CUT =
      List.of(
          Row.of(KEYS_AND_VALUES, "blk.#.attn_k_b.weight", LATENT_KEYS),
          Row.of(KEYS_AND_VALUES, "blk.#.attn_v_b.weight", LATENT_VALUES));

  private static final String GROUPED = "group_limited_greedy";
  private static final String EXPERTS = "n_routed_experts";
  private static final String LEADING = "first_k_dense_replace";

  private static final List<Row> FEED_FORWARDS =
      Stream.of(
              FEED_FORWARD.stream().map(Row::leading),
              MixtureFamilies.MIXTURE.stream().map(Row::behindLeading),
              Stream.of("gate", "up", "down")
                  .map(map ->
                      Row.of(
                              "model.layers.#.mlp.shared_experts.%s_proj.weight".formatted(map),
                              "blk.#.ffn_%s_shexp.weight".formatted(map))
                          .behindLeading()))
          .flatMap(rows -> rows)
          .toList();

  private static final List<Row> BIAS =
      List.of(
          Row.of("model.layers.#.mlp.gate.e_score_correction_bias", "blk.#.exp_probs_b.bias")
              .behindLeading());

  static final List<Family> ALL =
      List.of(familyOfV3(DeepseekFamilies::v3, WHOLE), familyOfV2(DeepseekFamilies::v2, WHOLE));

  static final List<Family> FILES =
      List.of(familyOfV3(DeepseekFamilies::v3File, CUT), familyOfV2(DeepseekFamilies::v2File, CUT));

  private DeepseekFamilies() {}

  private static Family familyOfV3(BiConsumer<Config, Metadata> keys, List<Row> latent) {
    return Family.untied(
        "deepseek_v3",
        "DeepseekV3ForCausalLM",
        "deepseek2",
        keys,
        List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, LATENT_ATTENTION, latent, FEED_FORWARDS, BIAS));
  }

  private static Family familyOfV2(BiConsumer<Config, Metadata> keys, List<Row> latent) {
    return Family.untied(
        "deepseek_v2",
        "DeepseekV2ForCausalLM",
        "deepseek2",
        keys,
        List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, LATENT_ATTENTION, latent, FEED_FORWARDS));
  }

  private static void v3File(Config config, Metadata metadata) {
    v3(config, metadata);
    if (!metadata.has("expert_count") && config.has(EXPERTS)) {
      v3Experts(config, metadata);
    }
    file(config, metadata);
  }

  private static void v2File(Config config, Metadata metadata) {
    v2(config, metadata);
    if (!metadata.has("expert_count") && config.has(EXPERTS)) {
      v2Experts(config, metadata);
    }
    file(config, metadata);
  }

  /// In files, a head's keys and values are those over the latent itself, of which there is one for
  /// all heads; the real ones have keys of their own. What experts are like is said there even if
  /// no layer has any.
  private static void file(Config config, Metadata metadata) {
    long latent = metadata.count("attention.kv_lora_rank");
    long turned = metadata.count("rope.dimension_count");
    String key = "attention.key_length";
    String value = "attention.value_length";
    metadata.set(key + "_mla", "qk_nope_head_dim", metadata.count(key));
    metadata.set(value + "_mla", "v_head_dim", metadata.count(value));
    metadata.set(key, "kv_lora_rank", latent + turned);
    metadata.set(value, "kv_lora_rank", latent);
    metadata.set("attention.head_count_kv", "kv_lora_rank", 1L);
    if (!metadata.has("expert_count")) {
      size("expert_feed_forward_length", "intermediate_size", LARGEST_SIZE, config, metadata);
      metadata.set("expert_shared_count", "n_shared_experts", 0L);
    }
  }

  private static void v3(Config config, Metadata metadata) {
    config.requireFlag("rope_interleave", true);
    config.requireOneOf("scoring_func", Set.of("sigmoid"));
    config.requireOneOf("topk_method", Set.of("noaux_tc"));
    latentAttention(config, metadata);
    if (hasExperts(config, metadata)) {
      v3Experts(config, metadata);
    }
  }

  private static void v3Experts(Config config, Metadata metadata) {
    experts(config, metadata, 2);
    groups(config, metadata);
    metadata.set("expert_weights_norm", "norm_topk_prob", config.flag("norm_topk_prob", true));
  }

  private static void v2(Config config, Metadata metadata) {
    config.requireFlag("mlp_bias", false);
    config.requireFlag("norm_topk_prob", false);
    config.requireOneOf("scoring_func", Set.of("softmax"));
    config.requireOneOf("topk_method", Set.of("greedy", GROUPED));
    latentAttention(config, metadata);
    if (hasExperts(config, metadata)) {
      v2Experts(config, metadata);
    }
  }

  private static void v2Experts(Config config, Metadata metadata) {
    experts(config, metadata, 1);
    if (config.text("topk_method").orElse("").equals(GROUPED)) {
      groups(config, metadata);
    }
  }

  /// Sets how many layers have no experts, and says whether any has.
  private static boolean hasExperts(Config config, Metadata metadata) {
    long layers = metadata.count("block_count");
    long leading =
        config.has(EXPERTS) ? config.optionalCount(LEADING, 0, 65_536).orElse(0) : layers;
    metadata.set("leading_dense_block_count", LEADING, Math.min(leading, layers));
    return leading < layers;
  }

  private static void experts(Config config, Metadata metadata, long gating) {
    long experts = config.count(EXPERTS, 1, 65_536);
    metadata.set("expert_count", EXPERTS, experts);
    String used = "num_experts_per_tok";
    metadata.set("expert_used_count", used, config.count(used, 1, experts));
    size("expert_feed_forward_length", "moe_intermediate_size", LARGEST_SIZE, config, metadata);
    size("expert_shared_count", "n_shared_experts", 1024, config, metadata);
    metadata.set("expert_gating_func", "scoring_func", gating);
    String scale = "routed_scaling_factor";
    metadata.set("expert_weights_scale", scale, config.positive(scale, 1));
  }

  private static void groups(Config config, Metadata metadata) {
    size("expert_group_count", "n_group", 65_536, config, metadata);
    size("expert_group_used_count", "topk_group", 65_536, config, metadata);
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
    RopeKeys.readLatent(config, metadata, 10_000);
    metadata.set("rope.dimension_count", "qk_rope_head_dim", turned);
    fullAttention(config, metadata);
  }
}
