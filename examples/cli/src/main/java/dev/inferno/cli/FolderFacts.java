package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.inferno.format.ModelFolder;
import dev.inferno.format.SafetensorsFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a folder says about itself, under the names that GGUF has: its `config.json`, and the files
/// beside it that say where it comes from. Nothing of it is checked.
final class FolderFacts {
  /// Where a folder's `config.json` has what GGUF has.
  private static final Map<String, List<String>> CONFIG =
      Map.ofEntries(
          Map.entry(
              "block_count", List.of("num_hidden_layers", "n_layer", "num_layers", "n_layers")),
          Map.entry("embedding_length", List.of("hidden_size", "n_embd", "d_model", "n_embed")),
          Map.entry(
              "feed_forward_length",
              List.of("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size")),
          Map.entry(
              "context_length",
              List.of(
                  "max_position_embeddings",
                  "n_positions",
                  "n_ctx",
                  "model_max_length",
                  "max_seq_len",
                  "seq_length")),
          Map.entry("vocab_size", List.of("vocab_size")),
          Map.entry("attention.head_count", List.of("num_attention_heads", "n_head", "n_heads")),
          Map.entry("attention.head_count_kv", List.of("num_key_value_heads", "num_kv_heads")),
          Map.entry("attention.key_length", List.of("head_dim")),
          Map.entry("attention.value_length", List.of("v_head_dim", "head_dim")),
          Map.entry("attention.kv_lora_rank", List.of("kv_lora_rank")),
          Map.entry("attention.sliding_window", List.of("sliding_window")),
          Map.entry(
              "attention.sliding_window_pattern",
              List.of("layer_types", "sliding_window_pattern", "_sliding_window_pattern")),
          Map.entry("no_rope_layer_interval", List.of("no_rope_layer_interval")),
          Map.entry("alibi", List.of("alibi")),
          Map.entry("attn_logit_softcapping", List.of("attn_logit_softcapping")),
          Map.entry("final_logit_softcapping", List.of("final_logit_softcapping")),
          Map.entry("rope.freq_base", List.of("rope_theta", "rotary_emb_base")),
          Map.entry("ssm.state_size", List.of("state_size", "mamba_d_state", "ssm_state_size")),
          Map.entry(
              "expert_count", List.of("num_local_experts", "num_experts", "n_routed_experts")),
          Map.entry("expert_used_count", List.of("num_experts_per_tok")));

  private FolderFacts() {}

  /// @param path where the folder is, for the files beside its tensors
  static ModelFacts of(ModelFolder folder, Path path) {
    Map<String, Object> config = new HashMap<>();
    if (folder.config().get("text_config") instanceof Map<?, ?> inner) { // of one that sees, too
      inner.forEach((key, value) -> config.put(String.valueOf(key), value));
    }
    config.putAll(folder.config());
    String packing =
        config.get("quantization_config") instanceof Map<?, ?> how
            ? String.valueOf(how.get("quant_method"))
            : "";
    List<ModelFacts.Tensor> tensors = new ArrayList<>();
    for (SafetensorsFile file : folder.files()) {
      for (String name : file.names()) {
        tensors.add(tensor(file, name, packing));
      }
    }
    return new ModelFacts(
        ModelFacts.text(config, "model_type").orElse(""),
        sizes(config),
        about(path),
        tensors,
        tokenizer(path),
        template(path));
  }

  /// Of MXFP4 a byte of blocks is two weights, and scales are none.
  private static ModelFacts.Tensor tensor(SafetensorsFile file, String name, String packing) {
    long elements = file.shape(name).stream().reduce(1L, Math::multiplyExact);
    String type = file.type(name);
    boolean isPacked = packing.equals("mxfp4") && type.equals("U8");
    if (isPacked && name.endsWith("_blocks")) {
      type = "MXFP4";
      elements *= 2;
    } else if (isPacked && name.endsWith("_scales")) {
      type = "MXFP4";
      elements = 0;
    }
    return new ModelFacts.Tensor(name, type, elements, file.sizeBytes(name));
  }

  private static Map<String, Object> sizes(Map<String, Object> config) {
    Map<String, Object> sizes = new HashMap<>();
    CONFIG.forEach((key, names) -> find(config, names).ifPresent(value -> sizes.put(key, value)));
    if (Boolean.FALSE.equals(config.get("use_sliding_window"))) {
      sizes.remove("attention.sliding_window");
    }
    attention(config, sizes);
    rope(config, sizes);
    put(sizes, "quantized", config.get("quantization_config"));
    return sizes;
  }

  private static Optional<Object> find(Map<String, Object> config, List<String> names) {
    return names.stream().map(config::get).filter(value -> value != null).findFirst();
  }

  /// What some families say in ways of their own: of latent attention a key has two parts, and all
  /// heads of an older Falcon share one of keys and values unless it says otherwise.
  private static void attention(Map<String, Object> config, Map<String, Object> sizes) {
    if (config.get("qk_nope_head_dim") instanceof Number still
        && config.get("qk_rope_head_dim") instanceof Number turned) {
      sizes.put("attention.key_length", still.longValue() + turned.longValue());
      sizes.put("rope.dimension_count", turned.longValue());
    }
    if ("falcon".equals(config.get("model_type"))
        && !Boolean.TRUE.equals(config.get("new_decoder_architecture"))
        && !Boolean.FALSE.equals(config.get("multi_query"))) {
      sizes.put("attention.head_count_kv", 1L);
    }
  }

  private static void rope(Map<String, Object> config, Map<String, Object> sizes) {
    Object rope = config.getOrDefault("rope_parameters", config.get("rope_scaling"));
    Map<String, Object> said = new HashMap<>();
    if (rope instanceof Map<?, ?> scaling) {
      scaling.forEach((key, value) -> said.put(String.valueOf(key), value));
      if (said.get("full_attention") instanceof Map<?, ?> far) { // of two, the far-reaching one
        far.forEach((key, value) -> said.put(String.valueOf(key), value));
      }
    }
    ModelFacts.text(said, "rope_type")
        .or(() -> ModelFacts.text(said, "type"))
        .filter(type -> !type.equals("default"))
        .ifPresent(type -> sizes.put("rope.scaling.type", type));
    put(sizes, "rope.scaling.factor", said.get("factor"));
    put(
        sizes,
        "rope.scaling.original_context_length",
        said.get("original_max_position_embeddings"));
    put(sizes, "rope.freq_base", said.get("rope_theta"));
    Optional<Object> part = find(config, List.of("partial_rotary_factor", "rotary_pct"));
    put(
        sizes,
        "rope.dimension_part",
        said.getOrDefault("partial_rotary_factor", part.orElse(null)));
  }

  private static void put(Map<String, Object> sizes, String key, @Nullable Object value) {
    if (value != null) {
      sizes.put(key, value);
    }
  }

  /// What the head of a `README.md` says, the lines between two of `---`.
  private static Map<String, Object> about(Path folder) {
    Map<String, Object> about = new HashMap<>();
    List<String> lines = read(folder.resolve("README.md")).lines().toList();
    if (lines.isEmpty() || !lines.getFirst().strip().equals("---")) {
      return about;
    }
    String key = "";
    for (String line : lines.subList(1, lines.size())) {
      if (line.strip().equals("---")) {
        return about;
      }
      int colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith(" ") && !line.startsWith("-")) {
        key = line.substring(0, colon);
        if (!line.substring(colon + 1).isBlank()) {
          about.put(key, line.substring(colon + 1).strip());
        }
      } else if (line.strip().startsWith("- ")) {
        about.putIfAbsent(key, line.strip().substring(2).strip());
      }
    }
    return Map.of(); // it has no end
  }

  private static String tokenizer(Path folder) {
    Optional<JsonNode> json = json(folder.resolve("tokenizer.json"));
    if (json.isPresent()) {
      JsonNode model = json.get().path("model");
      return "%s (tokenizer.json), %,d tokens"
          .formatted(
              model.path("type").asText("a kind that is not said"), model.path("vocab").size());
    }
    if (Files.exists(folder.resolve("tokenizer.json"))) {
      return "a tokenizer.json that cannot be read";
    }
    return Files.exists(folder.resolve("tokenizer.model"))
        ? "SentencePiece (tokenizer.model)"
        : "none in the folder";
  }

  private static Optional<String> template(Path folder) {
    Path file = folder.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return Optional.of(read(file)).filter(text -> !text.isEmpty());
    }
    JsonNode template =
        json(folder.resolve("tokenizer_config.json"))
            .map(config -> config.path("chat_template"))
            .orElse(MissingNode.getInstance());
    JsonNode first = template.isArray() ? template.path(0).path("template") : template;
    return first.isTextual() ? Optional.of(first.asText()) : Optional.empty();
  }

  private static Optional<JsonNode> json(Path file) {
    try {
      return Files.exists(file)
          ? Optional.of(Json.read(Files.readAllBytes(file)))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? new String(Files.readAllBytes(file), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      return "";
    }
  }
}
