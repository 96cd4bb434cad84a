package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.KEY_PAIRS;
import static dev.inferno.internal.huggingface.Change.QUERY_PAIRS;

import java.util.List;

/// Groups of tensors that many families name alike.
final class TensorRows {
  static final List<Row> EMBEDDING_AND_OUTPUT =
      List.of(
          Row.of("model.embed_tokens.weight", "token_embd.weight"),
          Row.of("lm_head.weight", Family.OUTPUT));

  static final List<Row> NORMS_BEFORE =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"));

  static final List<Row> ATTENTION_OF_PAIRS =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight", QUERY_PAIRS),
          Row.of("model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight", KEY_PAIRS),
          Row.of("model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  static final List<Row> BIASES_OF_PAIRS =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias", QUERY_PAIRS)
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias", KEY_PAIRS)
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias")
              .onlyWith("attention_bias"));

  static final List<Row> ATTENTION =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.weight", "blk.#.attn_q.weight"),
          Row.of("model.layers.#.self_attn.k_proj.weight", "blk.#.attn_k.weight"),
          Row.of("model.layers.#.self_attn.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  static final List<Row> BIASES =
      List.of(
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .onlyWith("attention_bias"),
          Row.of("model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias")
              .onlyWith("attention_bias"));

  static final List<Row> QUERY_AND_KEY_NORMS =
      List.of(
          Row.of("model.layers.#.self_attn.q_norm.weight", "blk.#.attn_q_norm.weight"),
          Row.of("model.layers.#.self_attn.k_norm.weight", "blk.#.attn_k_norm.weight"));

  static final List<Row> FEED_FORWARD =
      List.of(
          Row.of("model.layers.#.mlp.gate_proj.weight", "blk.#.ffn_gate.weight"),
          Row.of("model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"));

  static final List<Row> FEED_FORWARD_BIASES =
      List.of(
          Row.of("model.layers.#.mlp.gate_proj.bias", "blk.#.ffn_gate.bias").onlyWith("mlp_bias"),
          Row.of("model.layers.#.mlp.up_proj.bias", "blk.#.ffn_up.bias").onlyWith("mlp_bias"),
          Row.of("model.layers.#.mlp.down_proj.bias", "blk.#.ffn_down.bias").onlyWith("mlp_bias"));

  private TensorRows() {}
}
