package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.QUERY_KEY_VALUE;
import static dev.inferno.internal.huggingface.Keys.sizes;

import java.util.List;
import java.util.Set;

/// GPT-NeoX: Pythia, Dolly and others.
final class GptNeoXFamily {
  private static final Set<String> ACTIVATIONS =
      Set.of("gelu", "gelu_fast", "gelu_new", "gelu_pytorch_tanh");

  private static final List<Row> GPT_NEOX =
      List.of(
          Row.of("gpt_neox.embed_in.weight", "token_embd.weight"),
          Row.of("embed_out.weight", Family.OUTPUT),
          Row.of("gpt_neox.final_layer_norm.weight", "output_norm.weight"),
          Row.of("gpt_neox.final_layer_norm.bias", "output_norm.bias"),
          Row.of("gpt_neox.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("gpt_neox.layers.#.input_layernorm.bias", "blk.#.attn_norm.bias"),
          Row.of("gpt_neox.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"),
          Row.of("gpt_neox.layers.#.post_attention_layernorm.bias", "blk.#.ffn_norm.bias"),
          Row.of(
              "gpt_neox.layers.#.attention.query_key_value.weight",
              "blk.#.attn_qkv.weight",
              QUERY_KEY_VALUE),
          Row.of(
                  "gpt_neox.layers.#.attention.query_key_value.bias",
                  "blk.#.attn_qkv.bias",
                  QUERY_KEY_VALUE)
              .unlessWithout("attention_bias"),
          Row.of("gpt_neox.layers.#.attention.dense.weight", "blk.#.attn_output.weight"),
          Row.of("gpt_neox.layers.#.attention.dense.bias", "blk.#.attn_output.bias")
              .unlessWithout("attention_bias"),
          Row.of("gpt_neox.layers.#.mlp.dense_h_to_4h.weight", "blk.#.ffn_up.weight"),
          Row.of("gpt_neox.layers.#.mlp.dense_h_to_4h.bias", "blk.#.ffn_up.bias"),
          Row.of("gpt_neox.layers.#.mlp.dense_4h_to_h.weight", "blk.#.ffn_down.weight"),
          Row.of("gpt_neox.layers.#.mlp.dense_4h_to_h.bias", "blk.#.ffn_down.bias"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "gpt_neox",
              "GPTNeoXForCausalLM",
              "gptneox",
              GptNeoXFamily::gptNeoX,
              List.of(GPT_NEOX)));

  private GptNeoXFamily() {}

  /// Which GELU it is and the base of its positions are no keys of a converted GPT-NeoX, but ones
  /// that are understood.
  private static void gptNeoX(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", ACTIVATIONS);
    sizes(config, metadata, "attention.layer_norm_epsilon", "layer_norm_eps");
    double base = config.positive("rotary_emb_base", 10_000);
    RopeKeys.read(config, metadata, base, config.positive("rotary_pct", 0.25));
    metadata.set(
        "use_parallel_residual",
        "use_parallel_residual",
        config.flag("use_parallel_residual", true));
    boolean exact = config.text("hidden_act").orElse("gelu").equals("gelu");
    if (!exact) {
      metadata.set("tanh_gelu", "hidden_act", true);
    }
  }
}
