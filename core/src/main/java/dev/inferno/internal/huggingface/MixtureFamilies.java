package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.EXPERTS;
import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.decoder;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.BIASES;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;
import static dev.inferno.internal.huggingface.TensorRows.QUERY_AND_KEY_NORMS;

import java.util.List;

/// Families whose feed-forward is a mixture of experts in every layer: Qwen2 MoE, Qwen3 MoE and
/// OLMoE.
final class MixtureFamilies {
  static final List<Row> MIXTURE =
      List.of(
          Row.of("model.layers.#.mlp.gate.weight", "blk.#.ffn_gate_inp.weight"),
          Row.of(
              "model.layers.#.mlp.experts.%.gate_proj.weight",
              "blk.#.ffn_gate_exps.weight", EXPERTS),
          Row.of(
              "model.layers.#.mlp.experts.%.up_proj.weight", "blk.#.ffn_up_exps.weight", EXPERTS),
          Row.of(
              "model.layers.#.mlp.experts.%.down_proj.weight",
              "blk.#.ffn_down_exps.weight", EXPERTS));

  private static final List<Row> QWEN2_BIASES =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .unlessWithout("qkv_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .unlessWithout("qkv_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .unlessWithout("qkv_bias"));

  private static final List<Row> GATED_SHARED_EXPERT =
      List.of(
          Row.of("model.layers.#.mlp.shared_expert_gate.weight", "blk.#.ffn_gate_inp_shexp.weight"),
          Row.of(
              "model.layers.#.mlp.shared_expert.gate_proj.weight", "blk.#.ffn_gate_shexp.weight"),
          Row.of("model.layers.#.mlp.shared_expert.up_proj.weight", "blk.#.ffn_up_shexp.weight"),
          Row.of(
              "model.layers.#.mlp.shared_expert.down_proj.weight", "blk.#.ffn_down_shexp.weight"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "qwen2_moe",
              "Qwen2MoeForCausalLM",
              "qwen2moe",
              MixtureFamilies::qwen2,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION,
                  QWEN2_BIASES,
                  MIXTURE,
                  GATED_SHARED_EXPERT)),
          Family.untied(
              "qwen3_moe",
              "Qwen3MoeForCausalLM",
              "qwen3moe",
              MixtureFamilies::qwen3,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION,
                  BIASES,
                  QUERY_AND_KEY_NORMS,
                  MIXTURE)),
          Family.untied(
              "olmoe",
              "OlmoeForCausalLM",
              "olmoe",
              MixtureFamilies::olmoe,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION,
                  BIASES,
                  QUERY_AND_KEY_NORMS,
                  MIXTURE)));

  private MixtureFamilies() {}

  private static void qwen2(Config config, Metadata metadata) {
    config.requireFlag("norm_topk_prob", false);
    qwen(config, metadata);
    Keys.size(
        "expert_shared_feed_forward_length",
        "shared_expert_intermediate_size",
        Keys.LARGEST_SIZE,
        config,
        metadata);
  }

  private static void qwen3(Config config, Metadata metadata) {
    if (!config.flag("norm_topk_prob", false)) {
      throw config.unsupported("norm_topk_prob", "is false; supported is true");
    }
    qwen(config, metadata);
  }

  private static void qwen(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
    if (config.flag("use_sliding_window", false)) {
      throw config.unsupported("use_sliding_window", "is true; supported is false");
    }
    if (config.optionalCount("decoder_sparse_step", 1, Integer.MAX_VALUE).orElse(1) != 1) {
      throw config.unsupported(
          "decoder_sparse_step", "leaves layers without experts; supported is 1");
    }
    if (!config.list("mlp_only_layers").orElse(List.of()).isEmpty()) {
      throw config.unsupported("mlp_only_layers", "names layers; supported are none");
    }
    experts(config, metadata);
    Keys.size(
        "expert_feed_forward_length", "moe_intermediate_size", Keys.LARGEST_SIZE, config, metadata);
  }

  private static void olmoe(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    config.requireAbsent("clip_qkv", "none");
    config.requireFlag("norm_topk_prob", false);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
    experts(config, metadata);
  }

  private static void experts(Config config, Metadata metadata) {
    long experts = config.count("num_experts", 1, 65_536);
    metadata.set("expert_count", "num_experts", experts);
    metadata.set(
        "expert_used_count",
        "num_experts_per_tok",
        config.count("num_experts_per_tok", 1, experts));
  }
}
