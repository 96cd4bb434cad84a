package dev.inferno.internal.huggingface;

import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;

/// Reads what many families' `config.json` say, as the metadata that llama.cpp's converter writes.
/// A value that would change the computation in a way that no metadata tells is refused.
final class Keys {
  static final Set<String> SILU = Set.of("silu", "swish");
  static final Set<String> TANH_GELU = Set.of("gelu_pytorch_tanh", "gelu_new", "gelu_fast");
  static final int LARGEST_SIZE = 1 << 24;

  private Keys() {}

  /// What all but GPT-2 have.
  static void decoder(Config config, Metadata metadata, double ropeBase) {
    sizes(config, metadata);
    RopeKeys.read(config, metadata, ropeBase);
  }

  /// The sizes of a decoder, and the epsilon of its root mean square norms.
  static void sizes(Config config, Metadata metadata) {
    sizes(config, metadata, "attention.layer_norm_rms_epsilon", "rms_norm_eps");
  }

  /// The sizes of a decoder, and the epsilon of its norms.
  ///
  /// @param epsilon its key in GGUF
  /// @param source its key in the folder
  static void sizes(Config config, Metadata metadata, String epsilon, String source) {
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
    metadata.set(epsilon, source, config.positive(source));
    config
        .optionalCount("head_dim", 1, 65_536)
        .ifPresent(size -> {
          metadata.set("attention.key_length", "head_dim", size);
          metadata.set("attention.value_length", "head_dim", size);
        });
    size("vocab_size", "vocab_size", LARGEST_SIZE, config, metadata);
  }

  static void size(String key, String source, long most, Config config, Metadata metadata) {
    metadata.set(key, source, config.count(source, 1, most));
  }

  static void softcap(String key, Config config, Metadata metadata) {
    config.optionalPositive(key).ifPresent(cap -> metadata.set(key, key, cap));
  }

  static void window(Config config, Metadata metadata) {
    long window = config.optionalCount("sliding_window", 1, Integer.MAX_VALUE).orElse(0);
    metadata.set("attention.sliding_window", "sliding_window", window); // 0 is written for none
    layerTypes(config, metadata, _ -> window > 0 ? "sliding_attention" : "full_attention");
  }

  static void fullAttention(Config config, Metadata metadata) {
    layerTypes(config, metadata, _ -> "full_attention");
  }

  /// Which layers have a sliding window, for a family that mixes them.
  ///
  /// @param every how often a layer has none where the folder does not say
  static void windows(Config config, Metadata metadata, int every) {
    long without = config.optionalCount("sliding_window_pattern", 1, 65_536).orElse(every);
    windows(config, metadata, layer -> (layer + 1) % without != 0);
  }

  /// The same.
  ///
  /// @param usual which layers have one where the folder does not list them
  static void windows(Config config, Metadata metadata, IntPredicate usual) {
    metadata.set(
        "attention.sliding_window",
        "sliding_window",
        config.count("sliding_window", 1, Integer.MAX_VALUE));
    boolean[] windowed = new boolean[(int) metadata.count("block_count")];
    List<?> types = config.list("layer_types").orElse(List.of());
    for (int layer = 0; layer < windowed.length; layer++) {
      windowed[layer] =
          layer < types.size() ? "sliding_attention".equals(types.get(layer)) : usual.test(layer);
    }
    layerTypes(config, metadata, layer -> windowed[layer] ? "sliding_attention" : "full_attention");
    metadata.set("attention.sliding_window_pattern", "layer_types", windowed);
  }

  static void layerTypes(Config config, Metadata metadata, IntFunction<String> supported) {
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
