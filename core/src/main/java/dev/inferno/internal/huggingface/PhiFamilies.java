package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.TANH_GELU;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.Keys.window;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;

/// Phi-2 and Phi-3.
final class PhiFamilies {
  private static final List<Row> PHI =
      List.of(
          Row.of("lm_head.bias", "output.bias"),
          Row.of("model.final_layernorm.weight", "output_norm.weight"),
          Row.of("model.final_layernorm.bias", "output_norm.bias"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("model.layers.#.input_layernorm.bias", "blk.#.attn_norm.bias"),
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight"),
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias"),
          Row.of("model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias"),
          Row.of("model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias"),
          Row.of("model.layers.#.self_attn.dense.weight", "blk.#.attn_output.weight"),
          Row.of("model.layers.#.self_attn.dense.bias", "blk.#.attn_output.bias"),
          Row.of("model.layers.#.mlp.fc1.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.fc1.bias", "blk.#.ffn_up.bias"),
          Row.of("model.layers.#.mlp.fc2.weight", "blk.#.ffn_down.weight"),
          Row.of("model.layers.#.mlp.fc2.bias", "blk.#.ffn_down.bias"));

  private static final List<Row> PHI3 =
      List.of(
          Row.of("model.layers.#.self_attn.qkv_proj.weight", "blk.#.attn_qkv.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"),
          Row.of("model.layers.#.mlp.gate_up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "phi",
              "PhiForCausalLM",
              "phi2",
              PhiFamilies::phi,
              List.of(EMBEDDING_AND_OUTPUT, PHI)),
          Family.untied(
              "phi3",
              "Phi3ForCausalLM",
              "phi3",
              PhiFamilies::phi3,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, PHI3)));

  private PhiFamilies() {}

  /// The base of its positions is no key of a converted Phi-2, but one that is understood.
  private static void phi(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", TANH_GELU);
    config.requireFlag("qk_layernorm", false);
    sizes(config, metadata, "attention.layer_norm_epsilon", "layer_norm_eps");
    RopeKeys.read(config, metadata, 10_000, 0.5);
  }

  private static void phi3(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    sizes(config, metadata);
    RopeKeys.read(config, metadata, 10_000, 1);
    window(config, metadata);
    String original = "original_max_position_embeddings";
    if (!metadata.has("rope.scaling.original_context_length")) {
      metadata.set(
          "rope.scaling.original_context_length",
          original,
          config.optionalCount(original, 1, Integer.MAX_VALUE).orElse(4096));
    }
  }
}
