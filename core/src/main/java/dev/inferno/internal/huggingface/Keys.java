package dev.inferno.internal.huggingface;

import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;

/// What each family's `config.json` says, as the metadata that llama.cpp's converter writes. A
/// value that would change the computation in a way that no metadata tells is refused.
final class Keys {
  private static final Set<String> SILU = Set.of("silu", "swish");
  private static final Set<String> TANH_GELU = Set.of("gelu_pytorch_tanh", "gelu_new");
  private static final int LARGEST_SIZE = 1 << 24;

  private Keys() {}

  static void llama(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }

  static void mistral(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    window(config, metadata);
  }

  static void mixtral(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 1_000_000);
    window(config, metadata);
    long experts = config.count("num_local_experts", 1, 65_536);
    metadata.set("expert_count", "num_local_experts", experts);
    metadata.set(
        "expert_used_count",
        "num_experts_per_tok",
        config.count("num_experts_per_tok", 1, experts));
  }

  /// Qwen2 and Qwen3, without the sliding window that some layers can have.
  static void qwen(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    if (!config.has("layer_types") && config.has("sliding_window")) {
      long layers = metadata.count("block_count");
      if (config.flag("use_sliding_window", false)
          && config.optionalCount("max_window_layers", 0, Long.MAX_VALUE).orElse(0) < layers) {
        throw config.unsupported("use_sliding_window", "is true; supported is false");
      }
    }
    fullAttention(config, metadata);
  }

  static void olmo2(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }

  static void phi3(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", SILU);
    decoder(config, metadata, 10_000);
    window(config, metadata);
    String original = "original_max_position_embeddings";
    if (!metadata.has("rope.scaling.original_context_length")) {
      metadata.set(
          "rope.scaling.original_context_length",
          original,
          config.optionalCount(original, 1, Integer.MAX_VALUE).orElse(4096));
    }
  }

  static void gemma(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", TANH_GELU);
    config.requireOneOf("hidden_activation", TANH_GELU);
    config.requireFlag("use_bidirectional_attention", false);
    decoder(config, metadata, 10_000);
    fullAttention(config, metadata);
  }

  /// The scale of the scores is no key of a converted Gemma 2, but one that is understood.
  static void gemma2(Config config, Metadata metadata) {
    config.requireOneOf("hidden_act", TANH_GELU);
    config.requireOneOf("hidden_activation", TANH_GELU);
    config.requireFlag("use_bidirectional_attention", false);
    decoder(config, metadata, 10_000);
    metadata.set(
        "attention.sliding_window",
        "sliding_window",
        config.count("sliding_window", 1, Integer.MAX_VALUE));
    layerTypes(config, metadata, layer -> layer % 2 == 0 ? "sliding_attention" : "full_attention");
    double scalar = config.positive("query_pre_attn_scalar");
    metadata.set(
        "attention.scale", "query_pre_attn_scalar", (double) (float) (1 / Math.sqrt(scalar)));
    softcap("attn_logit_softcapping", config, metadata);
    softcap("final_logit_softcapping", config, metadata);
  }

  static void granite(Config config, Metadata metadata) {
    llama(config, metadata);
    metadata.set(
        "attention.scale", "attention_multiplier", config.positive("attention_multiplier"));
    metadata.set(
        "embedding_scale", "embedding_multiplier", config.positive("embedding_multiplier"));
    metadata.set("residual_scale", "residual_multiplier", config.positive("residual_multiplier"));
    metadata.set("logit_scale", "logits_scaling", config.positive("logits_scaling"));
  }

  static void gpt2(Config config, Metadata metadata) {
    config.requireOneOf("activation_function", TANH_GELU);
    config.requireFlag("scale_attn_weights", true);
    config.requireFlag("scale_attn_by_inverse_layer_idx", false);
    config.requireFlag("add_cross_attention", false);
    size("block_count", "n_layer", 65_536, config, metadata);
    size("context_length", "n_positions", Integer.MAX_VALUE, config, metadata);
    size("embedding_length", "n_embd", 1 << 20, config, metadata);
    metadata.set(
        "feed_forward_length",
        "n_inner",
        config
            .optionalCount("n_inner", 1, LARGEST_SIZE)
            .orElse(4 * metadata.count("embedding_length")));
    size("attention.head_count", "n_head", LARGEST_SIZE, config, metadata);
    metadata.set(
        "attention.layer_norm_epsilon",
        "layer_norm_epsilon",
        config.positive("layer_norm_epsilon"));
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);
  }

  /// What all but GPT-2 have.
  private static void decoder(Config config, Metadata metadata, double ropeBase) {
    size("block_count", "num_hidden_layers", 65_536, config, metadata);
    size("context_length", "max_position_embeddings", Integer.MAX_VALUE, config, metadata);
    size("embedding_length", "hidden_size", 1 << 20, config, metadata);
    size("feed_forward_length", "intermediate_size", LARGEST_SIZE, config, metadata);
    size("attention.head_count", "num_attention_heads", LARGEST_SIZE, config, metadata);
    long heads = metadata.count("attention.head_count");
    metadata.set(
        "attention.head_count_kv",
        "num_key_value_heads",
        config.optionalCount("num_key_value_heads", 1, LARGEST_SIZE).orElse(heads));
    metadata.set(
        "attention.layer_norm_rms_epsilon", "rms_norm_eps", config.positive("rms_norm_eps"));
    config
        .optionalCount("head_dim", 1, 65_536)
        .ifPresent(size -> {
          metadata.set("attention.key_length", "head_dim", size);
          metadata.set("attention.value_length", "head_dim", size);
        });
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);
    RopeKeys.read(config, metadata, ropeBase);
  }

  private static void size(String key, String source, long most, Config config, Metadata metadata) {
    metadata.set(key, source, config.count(source, 1, most));
  }

  private static void softcap(String key, Config config, Metadata metadata) {
    config.optionalPositive(key).ifPresent(cap -> metadata.set(key, key, cap));
  }

  private static void window(Config config, Metadata metadata) {
    long window = config.optionalCount("sliding_window", 1, Integer.MAX_VALUE).orElse(0);
    metadata.set("attention.sliding_window", "sliding_window", window); // 0 is written for none
    layerTypes(config, metadata, _ -> window > 0 ? "sliding_attention" : "full_attention");
  }

  private static void fullAttention(Config config, Metadata metadata) {
    layerTypes(config, metadata, _ -> "full_attention");
  }

  private static void layerTypes(Config config, Metadata metadata, IntFunction<String> supported) {
    List<?> types = config.list("layer_types").orElse(List.of());
    if (config.has("layer_types") && types.size() != metadata.count("block_count")) {
      throw config.malformed(
          "layer_types",
          "has %d entries for %d layers".formatted(types.size(), metadata.count("block_count")));
    }
    for (int layer = 0; layer < types.size(); layer++) {
      if (!supported.apply(layer).equals(types.get(layer))) {
        throw config.unsupported(
            "layer_types",
            "has '%s' for layer %d; supported there is '%s'"
                .formatted(types.get(layer), layer, supported.apply(layer)));
      }
    }
  }
}
