package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.KEY_HEADS;
import static dev.inferno.internal.huggingface.Change.QUERY_HEADS;
import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;

import java.util.List;

/// StableLM.
final class StableLmFamily {
  private static final List<Row> NORMS_AND_BIASES =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.norm.bias", "output_norm.bias"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("model.layers.#.input_layernorm.bias", "blk.#.attn_norm.bias"),
          Row.of("model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight")
              .onlyWithout("use_parallel_residual"),
          Row.of("model.layers.#.post_attention_layernorm.bias", "blk.#.ffn_norm.bias")
              .onlyWithout("use_parallel_residual"),
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .onlyWith("use_qkv_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .onlyWith("use_qkv_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .onlyWith("use_qkv_bias"),
          Row.of(
                  "model.layers.#.self_attn.q_layernorm.norms.%.weight",
                  "blk.#.attn_q_norm.weight", QUERY_HEADS)
              .onlyWith("qk_layernorm"),
          Row.of(
                  "model.layers.#.self_attn.k_layernorm.norms.%.weight",
                  "blk.#.attn_k_norm.weight", KEY_HEADS)
              .onlyWith("qk_layernorm"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "stablelm",
              "StableLmForCausalLM",
              "stablelm",
              StableLmFamily::stableLm,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_AND_BIASES, ATTENTION, FEED_FORWARD)));

  private StableLmFamily() {}

  /// The base of its positions is no key of a converted StableLM, but one that is understood.
  private static void stableLm(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    sizes(config, metadata, "attention.layer_norm_epsilon", "layer_norm_eps");
    RopeKeys.read(config, metadata, 10_000, 0.25);
    metadata.set(
        "use_parallel_residual",
        "use_parallel_residual",
        config.flag("use_parallel_residual", false));
  }
}
