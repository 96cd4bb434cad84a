package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;

import java.util.List;

/// GLM-4.
final class Glm4Family {
  private static final List<Row> GLM4 =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of(
              "model.layers.#.post_self_attn_layernorm.weight", "blk.#.post_attention_norm.weight"),
          Row.of("model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"),
          Row.of("model.layers.#.post_mlp_layernorm.weight", "blk.#.post_ffw_norm.weight"),
          Row.of("model.layers.#.mlp.gate_up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"),
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .unlessWithout("attention_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .unlessWithout("attention_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .unlessWithout("attention_bias"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "glm4",
              "Glm4ForCausalLM",
              "glm4",
              Glm4Family::glm4,
              List.of(EMBEDDING_AND_OUTPUT, ATTENTION, GLM4)));

  private Glm4Family() {}

  private static void glm4(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    sizes(config, metadata);
    RopeKeys.read(config, metadata, 10_000, 0.5);
    fullAttention(config, metadata);
  }
}
