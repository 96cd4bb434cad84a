package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.BLOCKS;
import static dev.inferno.internal.huggingface.Change.EVEN;
import static dev.inferno.internal.huggingface.Change.EVEN_BLOCKS;
import static dev.inferno.internal.huggingface.Change.EVEN_TRANSPOSED;
import static dev.inferno.internal.huggingface.Change.ODD;
import static dev.inferno.internal.huggingface.Change.ODD_BLOCKS;
import static dev.inferno.internal.huggingface.Change.ODD_TRANSPOSED;
import static dev.inferno.internal.huggingface.Change.TRANSPOSED;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;

import java.util.List;
import java.util.Map;

/// gpt-oss. Its experts are plain numbers, `[experts, inputs, outputs]`, or blocks of MXFP4 as they
/// were published; in both the gate's outputs and those of up alternate.
final class GptOssFamily {
  private static final String EXPERTS = "model.layers.#.mlp.experts.";
  private static final double LIMIT = 7; // of the reference, whatever the folder says

  private static final List<Row> NORMS =
      List.of(
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.layers.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of(
              "model.layers.#.post_attention_layernorm.weight",
              "blk.#.post_attention_norm.weight"));

  private static final List<Row> SINKS_AND_BIASES =
      List.of(
          Row.of("model.layers.#.self_attn.sinks", "blk.#.attn_sinks.weight"),
          Row.of("model.layers.#.self_attn.q_proj.bias", "blk.#.attn_q.bias")
              .unlessWithout("attention_bias"),
          Row.of("model.layers.#.self_attn.k_proj.bias", "blk.#.attn_k.bias")
              .unlessWithout("attention_bias"),
          Row.of("model.layers.#.self_attn.v_proj.bias", "blk.#.attn_v.bias")
              .unlessWithout("attention_bias"),
          Row.of("model.layers.#.self_attn.o_proj.bias", "blk.#.attn_output.bias")
              .unlessWithout("attention_bias"));

  private static final List<Row> MIXTURE =
      List.of(
          Row.of("model.layers.#.mlp.router.weight", "blk.#.ffn_gate_inp.weight"),
          Row.of("model.layers.#.mlp.router.bias", "blk.#.ffn_gate_inp.bias"),
          plain("gate_up_proj", "blk.#.ffn_gate_exps.weight", EVEN_TRANSPOSED),
          plain("gate_up_proj", "blk.#.ffn_up_exps.weight", ODD_TRANSPOSED),
          plain("down_proj", "blk.#.ffn_down_exps.weight", TRANSPOSED),
          packed("gate_up_proj", "blk.#.ffn_gate_exps.weight", EVEN_BLOCKS),
          packed("gate_up_proj", "blk.#.ffn_up_exps.weight", ODD_BLOCKS),
          packed("down_proj", "blk.#.ffn_down_exps.weight", BLOCKS),
          Row.of(EXPERTS + "gate_up_proj_bias", "blk.#.ffn_gate_exps.bias", EVEN),
          Row.of(EXPERTS + "gate_up_proj_bias", "blk.#.ffn_up_exps.bias", ODD),
          Row.of(EXPERTS + "down_proj_bias", "blk.#.ffn_down_exps.bias"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
                  "gpt_oss",
                  "GptOssForCausalLM",
                  "gpt-oss",
                  GptOssFamily::gptOss,
                  List.of(EMBEDDING_AND_OUTPUT, NORMS, ATTENTION, SINKS_AND_BIASES, MIXTURE))
              .packedAs("mxfp4"));

  private GptOssFamily() {}

  private static Row plain(String source, String name, Change change) {
    return Row.of(EXPERTS + source, name, change).onlyIf(config -> !isPacked(config));
  }

  private static Row packed(String source, String name, Change change) {
    return Row.of(EXPERTS + source, name, change).onlyIf(GptOssFamily::isPacked);
  }

  private static boolean isPacked(Config config) {
    return config.has("quantization_config");
  }

  private static void gptOss(Config given, Metadata metadata) {
    Config config = given.or(Map.of("head_dim", 64L));
    config.requireOneOf("hidden_act", Keys.SILU);
    if (config.positive("swiglu_limit", LIMIT) != LIMIT) {
      throw config.unsupported(
          "swiglu_limit",
          "is %s; supported is %s".formatted(config.positive("swiglu_limit"), LIMIT));
    }
    Keys.sizes(config, metadata);
    RopeKeys.readUntruncated(config, metadata, 150_000);
    Keys.windows(config, metadata, 2);
    long experts = config.count("num_local_experts", 1, 65_536);
    metadata.set("expert_count", "num_local_experts", experts);
    metadata.set(
        "expert_used_count",
        "num_experts_per_tok",
        config.count("num_experts_per_tok", 1, experts));
    Keys.size(
        "expert_feed_forward_length", "intermediate_size", Keys.LARGEST_SIZE, config, metadata);
  }
}
