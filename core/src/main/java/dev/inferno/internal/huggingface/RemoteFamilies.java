package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.GROUPED_KEYS;
import static dev.inferno.internal.huggingface.Change.GROUPED_QUERIES;
import static dev.inferno.internal.huggingface.Change.GROUPED_VALUES;
import static dev.inferno.internal.huggingface.Change.PACKED_KEYS;
import static dev.inferno.internal.huggingface.Change.PACKED_QUERIES;
import static dev.inferno.internal.huggingface.Change.PACKED_VALUES;
import static dev.inferno.internal.huggingface.Change.UNIT_ROWS;
import static dev.inferno.internal.huggingface.Keys.LARGEST_SIZE;
import static dev.inferno.internal.huggingface.Keys.SILU;
import static dev.inferno.internal.huggingface.Keys.decoder;
import static dev.inferno.internal.huggingface.Keys.fullAttention;
import static dev.inferno.internal.huggingface.TensorRows.ATTENTION_OF_PAIRS;
import static dev.inferno.internal.huggingface.TensorRows.EMBEDDING_AND_OUTPUT;
import static dev.inferno.internal.huggingface.TensorRows.FEED_FORWARD;
import static dev.inferno.internal.huggingface.TensorRows.NORMS_BEFORE;

import java.util.List;

/// Nearly llamas whose folders bring code of their own, which is not run: EXAONE 3, InternLM2,
/// Baichuan and MiniCPM.
final class RemoteFamilies {
  private static final List<Row> EXAONE =
      List.of(
          Row.of("transformer.wte.weight", "token_embd.weight"),
          Row.of("lm_head.weight", Family.OUTPUT),
          Row.of("transformer.ln_f.weight", "output_norm.weight"),
          Row.of("transformer.h.#.ln_1.weight", "blk.#.attn_norm.weight"),
          Row.of("transformer.h.#.ln_2.weight", "blk.#.ffn_norm.weight"),
          Row.of("transformer.h.#.attn.attention.q_proj.weight", "blk.#.attn_q.weight"),
          Row.of("transformer.h.#.attn.attention.k_proj.weight", "blk.#.attn_k.weight"),
          Row.of("transformer.h.#.attn.attention.v_proj.weight", "blk.#.attn_v.weight"),
          Row.of("transformer.h.#.attn.attention.out_proj.weight", "blk.#.attn_output.weight"),
          Row.of("transformer.h.#.mlp.c_fc_0.weight", "blk.#.ffn_gate.weight"),
          Row.of("transformer.h.#.mlp.c_fc_1.weight", "blk.#.ffn_up.weight"),
          Row.of("transformer.h.#.mlp.c_proj.weight", "blk.#.ffn_down.weight"));

  private static final String WQKV = "model.layers.#.attention.wqkv.weight";
  private static final List<Row> INTERN_LM2 =
      List.of(
          Row.of("model.tok_embeddings.weight", "token_embd.weight"),
          Row.of("output.weight", Family.OUTPUT),
          Row.of("model.norm.weight", "output_norm.weight"),
          Row.of("model.layers.#.attention_norm.weight", "blk.#.attn_norm.weight"),
          Row.of("model.layers.#.ffn_norm.weight", "blk.#.ffn_norm.weight"),
          Row.of(WQKV, "blk.#.attn_q.weight", GROUPED_QUERIES),
          Row.of(WQKV, "blk.#.attn_k.weight", GROUPED_KEYS),
          Row.of(WQKV, "blk.#.attn_v.weight", GROUPED_VALUES),
          Row.of("model.layers.#.attention.wo.weight", "blk.#.attn_output.weight"),
          Row.of("model.layers.#.feed_forward.w1.weight", "blk.#.ffn_gate.weight"),
          Row.of("model.layers.#.feed_forward.w3.weight", "blk.#.ffn_up.weight"),
          Row.of("model.layers.#.feed_forward.w2.weight", "blk.#.ffn_down.weight"));

  private static final String W_PACK = "model.layers.#.self_attn.W_pack.weight";
  private static final String BAICHUAN_OUTPUT = "lm_head.weight";
  private static final List<Row> BAICHUAN =
      List.of(
          Row.of("model.embed_tokens.weight", "token_embd.weight"),
          Row.of(BAICHUAN_OUTPUT, Family.OUTPUT).onlyIf(config -> !isBaichuan2(config)),
          Row.of(BAICHUAN_OUTPUT, Family.OUTPUT, UNIT_ROWS).onlyIf(RemoteFamilies::isBaichuan2),
          Row.of(W_PACK, "blk.#.attn_q.weight", PACKED_QUERIES),
          Row.of(W_PACK, "blk.#.attn_k.weight", PACKED_KEYS),
          Row.of(W_PACK, "blk.#.attn_v.weight", PACKED_VALUES),
          Row.of("model.layers.#.self_attn.o_proj.weight", "blk.#.attn_output.weight"));

  static final List<Family> ALL =
      List.of(
          Family.untied(
              "exaone", "ExaoneForCausalLM", "exaone", RemoteFamilies::exaone, List.of(EXAONE)),
          Family.untied(
              "internlm2",
              "InternLM2ForCausalLM",
              "internlm2",
              RemoteFamilies::internLm2,
              List.of(INTERN_LM2)),
          Family.untied(
              "baichuan",
              "BaichuanForCausalLM",
              "baichuan",
              RemoteFamilies::baichuan,
              List.of(BAICHUAN, NORMS_BEFORE, FEED_FORWARD)),
          Family.tied(
              "minicpm",
              "MiniCPMForCausalLM",
              "minicpm",
              RemoteFamilies::miniCpm,
              List.of(EMBEDDING_AND_OUTPUT, NORMS_BEFORE, ATTENTION_OF_PAIRS, FEED_FORWARD)));

  private RemoteFamilies() {}

  /// Its norms are root mean square norms, though their epsilon is called otherwise.
  private static void exaone(Config config, Metadata metadata) {
    config.requireOneOf("activation_function", SILU);
    Config sizes = config.called("num_layers", "num_hidden_layers");
    Keys.sizes(sizes, metadata, "attention.layer_norm_rms_epsilon", "layer_norm_epsilon");
    RopeKeys.read(config, metadata, 10_000, 1);
    fullAttention(config, metadata);
  }

  private static void internLm2(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    config.requireFlag("bias", false);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }

  /// Whether it is one of the second generation, whose output compares directions only: its rows
  /// have the length 1. Its vocabulary, or what training added, is what tells it from the first.
  private static boolean isBaichuan2(Config config) {
    return config.count("vocab_size", 1, LARGEST_SIZE) == 125_696 || config.has("z_loss_weight");
  }

  /// Which of the models has RoPE and which ALiBi, its layers tell.
  private static void baichuan(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    config.requireAbsent("num_key_value_heads", "as many as num_attention_heads");
    if (isBaichuan2(config)) {
      config.requireFlag("tie_word_embeddings", false);
    }
    Keys.sizes(config.called("model_max_length", "max_position_embeddings"), metadata);
    RopeKeys.read(config, metadata, 10_000);
    metadata.set("tensor_data_layout", "model_type", "Meta AI original pth"); // pairs are turned
  }

  private static void miniCpm(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    config.requireAbsent("sparse_config", "none: attention to all positions");
    if (config.says("num_experts", false)) {
      config.requireAbsent("num_experts", "none");
    }
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
    metadata.set("embedding_scale", "scale_emb", config.positive("scale_emb"));
    double depth = config.exact("scale_depth");
    double layers = metadata.count("block_count");
    metadata.set("residual_scale", "scale_depth", (double) (float) (depth / Math.sqrt(layers)));
    double base = config.count("dim_model_base", 1, LARGEST_SIZE);
    double scale = metadata.count("embedding_length") / base;
    metadata.set("logit_scale", "dim_model_base", (double) (float) scale);
  }
}
