package dev.inferno.internal.huggingface;

import static dev.inferno.internal.huggingface.Change.QUERY_KEY_VALUE;
import static dev.inferno.internal.huggingface.Keys.LARGEST_SIZE;
import static dev.inferno.internal.huggingface.Keys.size;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// BLOOM and MPT, which tell positions apart by their distance.
final class AlibiFamilies {
  private static final List<Row> BLOOM =
      List.of(
          Row.of("transformer.word_embeddings.weight", "token_embd.weight"),
          Row.of("lm_head.weight", Family.OUTPUT),
          Row.of("transformer.word_embeddings_layernorm.weight", "token_embd_norm.weight"),
          Row.of("transformer.word_embeddings_layernorm.bias", "token_embd_norm.bias"),
          Row.of("transformer.ln_f.weight", "output_norm.weight"),
          Row.of("transformer.ln_f.bias", "output_norm.bias"),
          Row.of("transformer.h.#.input_layernorm.weight", "blk.#.attn_norm.weight"),
          Row.of("transformer.h.#.input_layernorm.bias", "blk.#.attn_norm.bias"),
          Row.of(
              "transformer.h.#.self_attention.query_key_value.weight",
              "blk.#.attn_qkv.weight",
              QUERY_KEY_VALUE),
          Row.of(
              "transformer.h.#.self_attention.query_key_value.bias",
              "blk.#.attn_qkv.bias",
              QUERY_KEY_VALUE),
          Row.of("transformer.h.#.self_attention.dense.weight", "blk.#.attn_output.weight"),
          Row.of("transformer.h.#.self_attention.dense.bias", "blk.#.attn_output.bias"),
          Row.of("transformer.h.#.post_attention_layernorm.weight", "blk.#.ffn_norm.weight"),
          Row.of("transformer.h.#.post_attention_layernorm.bias", "blk.#.ffn_norm.bias"),
          Row.of("transformer.h.#.mlp.dense_h_to_4h.weight", "blk.#.ffn_up.weight"),
          Row.of("transformer.h.#.mlp.dense_h_to_4h.bias", "blk.#.ffn_up.bias"),
          Row.of("transformer.h.#.mlp.dense_4h_to_h.weight", "blk.#.ffn_down.weight"),
          Row.of("transformer.h.#.mlp.dense_4h_to_h.bias", "blk.#.ffn_down.bias"));

  private static final List<Row> MPT =
      List.of(
          Row.of("transformer.wte.weight", "token_embd.weight"),
          Row.of("lm_head.weight", Family.OUTPUT),
          Row.of("transformer.norm_f.weight", "output_norm.weight"),
          Row.of("transformer.blocks.#.norm_1.weight", "blk.#.attn_norm.weight"),
          Row.of("transformer.blocks.#.attn.Wqkv.weight", "blk.#.attn_qkv.weight"),
          Row.of("transformer.blocks.#.attn.out_proj.weight", "blk.#.attn_output.weight"),
          Row.of("transformer.blocks.#.norm_2.weight", "blk.#.ffn_norm.weight"),
          Row.of("transformer.blocks.#.ffn.up_proj.weight", "blk.#.ffn_up.weight"),
          Row.of("transformer.blocks.#.ffn.down_proj.weight", "blk.#.ffn_down.weight"));

  static final List<Family> ALL =
      List.of(
          Family.tied("bloom", "BloomForCausalLM", "bloom", AlibiFamilies::bloom, List.of(BLOOM)),
          Family.tied("mpt", "MptForCausalLM", "mpt", AlibiFamilies::mpt, List.of(MPT)));

  private AlibiFamilies() {}

  private static void bloom(Config config, Metadata metadata) {
    config.requireFlag("apply_residual_connection_post_layernorm", false);
    String width = config.has("hidden_size") ? "hidden_size" : "n_embed";
    String heads = config.has("n_head") ? "n_head" : "num_attention_heads";
    String layers = config.has("n_layer") ? "n_layer" : "num_hidden_layers";
    size("block_count", layers, 65_536, config, metadata);
    size("embedding_length", width, 1 << 20, config, metadata);
    long embedding = metadata.count("embedding_length");
    metadata.set(
        "context_length",
        "seq_length",
        config.optionalCount("seq_length", 1, Integer.MAX_VALUE).orElse(embedding));
    metadata.set("feed_forward_length", width, 4 * embedding);
    size("attention.head_count", heads, LARGEST_SIZE, config, metadata);
    size("attention.head_count_kv", heads, LARGEST_SIZE, config, metadata);
    epsilon(config, metadata);
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);
  }

  private static void mpt(Config config, Metadata metadata) {
    config.requireFlag("no_bias", true);
    config.requireAbsent("logit_scale", "none");
    size("block_count", "n_layers", 65_536, config, metadata);
    size("context_length", "max_seq_len", Integer.MAX_VALUE, config, metadata);
    size("embedding_length", "d_model", 1 << 20, config, metadata);
    long expansion = config.optionalCount("expansion_ratio", 1, 65_536).orElse(4);
    metadata.set(
        "feed_forward_length", "expansion_ratio", expansion * metadata.count("embedding_length"));
    size("attention.head_count", "n_heads", LARGEST_SIZE, config, metadata);
    epsilon(config, metadata);
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);

    Config attention =
        config.object("attn_config").orElse(new Config(config.name(), "attn_config.", Map.of()));
    attention.requireOneOf("attn_type", Set.of("multihead_attention"));
    attention.requireFlag("prefix_lm", false);
    attention.requireFlag("qk_ln", false);
    attention.requireFlag("alibi", true);
    metadata.set(
        "attention.max_alibi_bias",
        attention.label("alibi_bias_max"),
        attention.positive("alibi_bias_max", 8));
    attention
        .optionalPositive("clip_qkv")
        .ifPresent(
            limit -> metadata.set("attention.clamp_kqv", attention.label("clip_qkv"), limit));
    attention
        .optionalPositive("softmax_scale")
        .ifPresent(
            scale -> metadata.set("attention.scale", attention.label("softmax_scale"), scale));
  }

  private static void epsilon(Config config, Metadata metadata) {
    metadata.set(
        "attention.layer_norm_epsilon",
        "layer_norm_epsilon",
        config.positive("layer_norm_epsilon", 1e-5));
  }
}
