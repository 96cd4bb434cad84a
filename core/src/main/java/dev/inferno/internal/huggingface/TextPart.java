package dev.inferno.internal.huggingface;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The part of a folder that is a language model: all of it, or in a model that understands
/// pictures, too, an object of its `config.json` and the tensors of that name. The rest is not
/// read.
///
/// @param config what says what it is
/// @param isPart whether there is a rest
record TextPart(Config config, boolean isPart) {

  /// What such an object leaves out: the reference library's defaults, by the `model_type` of the
  /// whole.
  private static final Map<String, Map<String, Object>> DEFAULTS =
      Map.of(
          "gemma3",
          Map.ofEntries(
              entry("model_type", "gemma3_text"),
              entry("vocab_size", 262_208L),
              entry("hidden_size", 2304L),
              entry("intermediate_size", 9216L),
              entry("num_hidden_layers", 26L),
              entry("num_attention_heads", 8L),
              entry("num_key_value_heads", 4L),
              entry("head_dim", 256L),
              entry("hidden_activation", "gelu_pytorch_tanh"),
              entry("max_position_embeddings", 131_072L),
              entry("rms_norm_eps", 1e-6),
              entry("query_pre_attn_scalar", 256L),
              entry("sliding_window", 4096L)));

  /// The part of a folder with this `config.json`.
  static TextPart of(Config config) {
    Map<String, Object> defaults = DEFAULTS.get(config.requiredText("model_type"));
    if (defaults == null) {
      return new TextPart(config, false);
    }
    String key = "text_config";
    Config text =
        config
            .object(key)
            .orElseThrow(() -> config.malformed(key, "is absent; it says what the model is"));
    return new TextPart(text.or(defaults), true);
  }

  /// What a tensor of the model may be called in the folder.
  List<String> names(String name) {
    if (!isPart) {
      return List.of(name);
    }
    String part = "language_model.";
    String model = "model.";
    return name.startsWith(model)
        ? List.of(part + name, model + part + name.substring(model.length()))
        : List.of(name, part + name);
  }

  /// Whether any of these tensors has such a prefix, under any of its names.
  boolean has(String prefix, Stream<String> tensors) {
    return isPart || tensors.anyMatch(tensor -> tensor.startsWith(prefix));
  }
}
