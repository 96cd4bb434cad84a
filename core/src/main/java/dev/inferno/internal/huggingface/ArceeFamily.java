package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.TensorRows.ATTENTION_OF_PAIRS;
import static dev.inferno.internal.huggingface.TensorRows.BIASES_OF_PAIRS;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;
import java.util.Set;

/// Arcee's AFM.
final class ArceeFamily {
  private static final List<Row> FEED_FORWARD =
      List.of(
          Row.of("model.layers.#.mlp.up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.mlp.up_proj.bias", "blk.#.ffn_up.bias").onlyWith("mlp_bias"),
          Row.of("model.layers.#.mlp.down_proj.weight", "blk.#.ffn_down.weight"),
          Row.of("model.layers.#.mlp.down_proj.bias", "blk.#.ffn_down.bias").onlyWith("mlp_bias"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "arcee",
              "ArceeForCausalLM",
              "arcee",
              ArceeFamily::arcee,
              List.of(
                  EMBEDDING_AND_OUTPUT,
                  NORMS_BEFORE,
                  ATTENTION_OF_PAIRS,
                  BIASES_OF_PAIRS,
                  FEED_FORWARD)));

  private ArceeFamily() {}

  private static void arcee(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", Set.of("relu2"));
    Keys.decoder(config, metadata, 10_000);
    Keys.fullAttention(config, metadata);
  }
}
