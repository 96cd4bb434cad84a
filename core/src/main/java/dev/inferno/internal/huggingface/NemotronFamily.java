package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.PLUS_ONE;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.BIASES;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;

import java.util.List;
import java.util.Set;

/// Nemotron and Minitron, whose norms multiply by 1 + w.
final class NemotronFamily {
  private static final List<Row> NORMS_AND_FEED_FORWARD =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight", PLUS_ONE),
          Row.of("model.norm.bias", "output_norm.bias"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.input_layernorm.bias", "blk.#.attn_norm.bias"),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight", PLUS_ONE),
          Row.of("model.layers.#.post_attention_layernorm.bias", "blk.#.ffn_norm.bias"),
          Row.of("model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.up_proj.bias", "blk.#.ffn_up.bias").onlyWith("mlp_bias"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"),
          Row.of("model.layers.#.mlp.down_proj.bias", "blk.#.ffn_down.bias").onlyWith("mlp_bias"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "nemotron",
              "NemotronForCausalLM",
              "nemotron",
              NemotronFamily::nemotron,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_AND_FEED_FORWARD, ATTENTION, BIASES)));

  private NemotronFamily() {}

  private static void nemotron(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", Set.of("relu2"));
    sizes(config, metadata, "attention.layer_norm_epsilon", "norm_eps");
    metadata.set( // which its files say though it has no such norm
        "attention.layer_norm_rms_epsilon", "norm_eps", config.positive("norm_eps"));
    RopeKeys.read(config, metadata, 10_000, 0.5);
    RopeKeys.sayUnscaled(metadata);
  }
}
