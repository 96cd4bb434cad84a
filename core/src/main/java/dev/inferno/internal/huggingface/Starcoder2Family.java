package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.TANH_GELU;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.Keys.window;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;

import java.util.List;

/// StarCoder 2.
final class Starcoder2Family {
  private static final List<Row> STARCODER2 =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.norm.bias", "output_norm.bias"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("model.layers.#.input_layernorm.bias", "blk.#.attn_norm.bias"),
          Row.of("model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"),
          Row.of("model.layers.#.post_attention_layernorm.bias", "blk.#.ffn_norm.bias"),
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight"),
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .unlessWithout("use_bias"),
          Row.of("model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .unlessWithout("use_bias"),
          Row.of("model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .unlessWithout("use_bias"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"),
          Row.of("model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias")
              .unlessWithout("use_bias"),
          Row.of("model.layers.#.mlp.c_fc.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.c_fc.bias", "blk.#.ffn_up.bias").unlessWithout("use_bias"),
          Row.of("model.layers.#.mlp.c_proj.weight", "blk.#.ffn_down.weight"),
          Row.of("model.layers.#.mlp.c_proj.bias", "blk.#.ffn_down.bias")
              .unlessWithout("use_bias"));

  static final List<Family> ALL =
      List.of(
          Family.tied(
              "starcoder2",
              "Starcoder2ForCausalLM",
              "starcoder2",
              Starcoder2Family::starcoder2,
              List.of(EMBEDDING_AND_OUTPUT, STARCODER2)));

  private Starcoder2Family() {}

  private static void starcoder2(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", TANH_GELU);
    sizes(config, metadata, "attention.layer_norm_epsilon", "norm_epsilon");
    RopeKeys.read(config, metadata, 10_000);
    window(config, metadata);
  }
}
