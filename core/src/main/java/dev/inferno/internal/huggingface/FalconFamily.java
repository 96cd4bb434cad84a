package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.QUERY_KEY_VALUE;
import static dev.inferno.internal.huggingface.Keys.LARGEST_SIZE;
import static dev.inferno.internal.huggingface.Keys.size;

import java.util.List;
import java.util.Set;

/// Falcon, in its three architectures: that of RefinedWeb (Falcon-RW), which has ALiBi and a
/// feed-forward behind attention, and two with RoPE and parallel branches.
final class FalconFamily {
  private static final List<Row> FALCON =
      List.of(
          Row.of("transformer.word_embeddings.weight", "token_embd.weight"),
          Row.of("lm_head.weight", Family.OUTPUT),
          Row.of("transformer.ln_f.weight", "output_norm.weight"),
          Row.of("transformer.ln_f.bias", "output_norm.bias"),
          Row.of("transformer.h.#.input_layernorm.weight", "blk.#.attn_norm.weight")
              .onlyIf(config -> !hasTwoNorms(config)),
          Row.of("transformer.h.#.input_layernorm.bias", "blk.#.attn_norm.bias")
              .onlyIf(config -> !hasTwoNorms(config)),
          Row.of("transformer.h.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight")
              .onlyIf(FalconFamily::isSequential),
          Row.of("transformer.h.#.post_attention_layernorm.bias", "blk.#.ffn_norm.bias")
              .onlyIf(FalconFamily::isSequential),
          Row.of("transformer.h.#.ln_mlp.weight", "blk.#.attn_norm.weight")
              .onlyIf(FalconFamily::hasTwoNorms),
          Row.of("transformer.h.#.ln_mlp.bias", "blk.#.attn_norm.bias")
              .onlyIf(FalconFamily::hasTwoNorms),
          Row.of("transformer.h.#.ln_attn.weight", "blk.#.attn_norm_2.weight")
              .onlyIf(FalconFamily::hasTwoNorms),
          Row.of("transformer.h.#.ln_attn.bias", "blk.#.attn_norm_2.bias")
              .onlyIf(FalconFamily::hasTwoNorms),
          Row.of(
              "transformer.h.#.self_attention.query_key_value.weight",
              "blk.#.attn_qkv.weight",
              QUERY_KEY_VALUE),
          Row.of(
                  "transformer.h.#.self_attention.query_key_value.bias",
                  "blk.#.attn_qkv.bias",
                  QUERY_KEY_VALUE)
              .onlyWith("bias"),
          Row.of("transformer.h.#.self_attention.dense.weight", "blk.#.attn_output.weight"),
          Row.of("transformer.h.#.self_attention.dense.bias", "blk.#.attn_output.bias")
              .onlyWith("bias"),
          Row.of("transformer.h.#.mlp.dense_h_to_4h.weight", "blk.#.ffn_up.weight"),
          Row.of("transformer.h.#.mlp.dense_h_to_4h.bias", "blk.#.ffn_up.bias").onlyWith("bias"),
          Row.of("transformer.h.#.mlp.dense_4h_to_h.weight", "blk.#.ffn_down.weight"),
          Row.of("transformer.h.#.mlp.dense_4h_to_h.bias", "blk.#.ffn_down.bias").onlyWith("bias"));

  static final List<Family> ALL =
      List.of(
          Family.tied(
              "falcon", "FalconForCausalLM", "falcon", FalconFamily::falcon, List.of(FALCON)));

  private FalconFamily() {}

  private static boolean isNew(Config config) {
    return config.flag("new_decoder_architecture", false);
  }

  private static boolean isSequential(Config config) {
    return !config.flag("parallel_attn", true);
  }

  private static boolean hasTwoNorms(Config config) {
    return isNew(config) && config.optionalCount("num_ln_in_parallel_attn", 1, 2).orElse(2) == 2;
  }

  /// The base of its positions is no key of a converted Falcon, but one that is understood.
  private static void falcon(Config config, Metadata metadata) {
    config.requireFlag("alibi", isSequential(config));
    if (isSequential(config)) {
      config.requireFlag("new_decoder_architecture", false);
      metadata.set("attention.max_alibi_bias", "alibi", 8.0);
    }
    config.requireOneOf("activation", Set.of("gelu"));
    size("block_count", "num_hidden_layers", 65_536, config, metadata);
    metadata.set(
        "context_length",
        "max_position_embeddings",
        config.optionalCount("max_position_embeddings", 1, Integer.MAX_VALUE).orElse(2048));
    size("embedding_length", "hidden_size", 1 << 20, config, metadata);
    metadata.set(
        "feed_forward_length",
        "ffn_hidden_size",
        config
            .optionalCount("ffn_hidden_size", 1, LARGEST_SIZE)
            .orElse(4 * metadata.count("embedding_length")));
    size("attention.head_count", "num_attention_heads", LARGEST_SIZE, config, metadata);
    boolean isShared = !isNew(config) && config.flag("multi_query", true);
    long heads = metadata.count("attention.head_count");
    metadata.set(
        "attention.head_count_kv",
        isShared ? "multi_query" : "num_kv_heads",
        isShared ? 1L : config.optionalCount("num_kv_heads", 1, LARGEST_SIZE).orElse(heads));
    metadata.set(
        "attention.layer_norm_epsilon",
        "layer_norm_epsilon",
        config.positive("layer_norm_epsilon", 1e-5));
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);
    metadata.set("tensor_data_layout", "model_type", "jploski"); // queries, then keys, then values
    if (!isSequential(config)) {
      RopeKeys.read(config, metadata, 10_000);
    }
  }
}
