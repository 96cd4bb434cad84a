package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.sizes;
import static dev.inferno.internal.huggingface.Keys.window;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;

/// Phi-3.
final class PhiFamilies {
  private static final List<Row> PHI3 =
      List.of(
          Row.of("model.layers.#.self_attn.qkv_proj.weight", "blk.#.attn_qkv.weight"),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"),
          Row.of("model.layers.#.mlp.gate_up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "phi3",
              "Phi3ForCausalLM",
              "phi3",
              PhiFamilies::phi3,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, PHI3)));

  private PhiFamilies() {}

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
