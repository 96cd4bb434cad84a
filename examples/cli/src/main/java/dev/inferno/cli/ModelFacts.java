package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.inferno.format.GgufFile;
import dev.inferno.format.ModelFolder;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.tokenizer.Utf8List;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What a model says about itself, under the names that GGUF has, wherever it comes from. Nothing
/// of it is checked: a value that makes no sense counts as none. Immutable.
///
/// @param architecture what GGUF calls `general.architecture` and a folder `model_type`; empty if
///   nothing says it
/// @param sizes the values of `ARCHITECTURE.*`
/// @param general the values of `general.*`
/// @param tensors all tensors
/// @param tokenizer its kind, in words
/// @param template the chat template
record ModelFacts(
    String architecture,
    Map<String, Object> sizes,
    Map<String, Object> general,
    List<Tensor> tensors,
    String tokenizer,
    Optional<String> template) {

  /// Where a folder's `config.json` has what GGUF has.
  private static final Map<String, List<String>> CONFIG =
      Map.ofEntries(
          Map.entry("block_count", List.of("num_hidden_layers", "n_layer", "num_layers")),
          Map.entry("embedding_length", List.of("hidden_size", "n_embd", "d_model")),
          Map.entry("feed_forward_length", List.of("intermediate_size", "n_inner", "ffn_dim")),
          Map.entry(
              "context_length",
              List.of("max_position_embeddings", "n_positions", "n_ctx", "model_max_length")),
          Map.entry("vocab_size", List.of("vocab_size")),
          Map.entry("attention.head_count", List.of("num_attention_heads", "n_head")),
          Map.entry("attention.head_count_kv", List.of("num_key_value_heads")),
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
          Map.entry("rope.freq_base", List.of("rope_theta")),
          Map.entry("ssm.state_size", List.of("state_size", "mamba_d_state", "ssm_state_size")),
          Map.entry(
              "expert_count", List.of("num_local_experts", "num_experts", "n_routed_experts")),
          Map.entry("expert_used_count", List.of("num_experts_per_tok")));

  /// A tensor; its type as the file calls it.
  record Tensor(String name, String type, long elements, long bytes) {}

  static ModelFacts of(GgufFile file) {
    Map<String, Object> metadata = file.metadata();
    String architecture = text(metadata, "general.architecture").orElse("");
    List<Tensor> tensors = new ArrayList<>();
    for (TensorInfo tensor : file.tensors()) {
      tensors.add(
          new Tensor(tensor.name(), tensor.type().name(), tensor.elements(), tensor.sizeBytes()));
    }
    Map<String, Object> sizes = behind(architecture + ".", metadata);
    if (metadata.get("tokenizer.ggml.tokens") instanceof Utf8List tokens) {
      sizes.putIfAbsent("vocab_size", (long) tokens.size());
    }
    return new ModelFacts(
        architecture,
        sizes,
        behind("general.", metadata),
        tensors,
        tokenizer(file),
        text(metadata, "tokenizer.chat_template"));
  }

  private static Map<String, Object> behind(String prefix, Map<String, Object> metadata) {
    Map<String, Object> values = new HashMap<>();
    metadata.forEach((key, value) -> {
      if (key.startsWith(prefix)) {
        values.put(key.substring(prefix.length()), value);
      }
    });
    return values;
  }

  private static String tokenizer(GgufFile file) {
    Optional<String> model = text(file.metadata(), "tokenizer.ggml.model");
    if (model.isEmpty()) {
      return "none in the file";
    }
    String kind =
        switch (model.get()) {
          case "gpt2" -> "byte-level BPE";
          case "llama" -> "SentencePiece BPE";
          case "t5" -> "SentencePiece unigram";
          case "bert" -> "WordPiece";
          case "rwkv" -> "RWKV's greedy one";
          default -> "a kind that is not known";
        };
    String pre =
        text(file.metadata(), "tokenizer.ggml.pre").map(name -> ", split as " + name).orElse("");
    String tokens =
        file.metadata().get("tokenizer.ggml.tokens") instanceof Utf8List list
            ? ", %,d tokens".formatted(list.size())
            : "";
    return kind + " (" + model.get() + pre + ")" + tokens;
  }

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
    List<Tensor> tensors = new ArrayList<>();
    for (SafetensorsFile file : folder.files()) {
      for (String name : file.names()) {
        tensors.add(tensor(file, name, packing));
      }
    }
    return new ModelFacts(
        text(config, "model_type").orElse(""),
        sizes(config),
        about(path),
        tensors,
        tokenizer(path),
        template(path));
  }

  /// Of MXFP4 a byte of blocks is two weights, and scales are none.
  private static Tensor tensor(SafetensorsFile file, String name, String packing) {
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
    return new Tensor(name, type, elements, file.sizeBytes(name));
  }

  private static Map<String, Object> sizes(Map<String, Object> config) {
    Map<String, Object> sizes = new HashMap<>();
    CONFIG.forEach((key, names) ->
        names.stream()
            .map(config::get)
            .filter(value -> value != null)
            .findFirst()
            .ifPresent(value -> sizes.put(key, value)));
    if (Boolean.FALSE.equals(config.get("use_sliding_window"))) {
      sizes.remove("attention.sliding_window");
    }
    Object rope = config.getOrDefault("rope_parameters", config.get("rope_scaling"));
    if (rope instanceof Map<?, ?> scaling) {
      Map<String, Object> said = new HashMap<>();
      scaling.forEach((key, value) -> said.put(String.valueOf(key), value));
      text(said, "rope_type")
          .or(() -> text(said, "type"))
          .filter(type -> !type.equals("default"))
          .ifPresent(type -> sizes.put("rope.scaling.type", type));
      put(sizes, "rope.scaling.factor", said.get("factor"));
      put(
          sizes,
          "rope.scaling.original_context_length",
          said.get("original_max_position_embeddings"));
      put(sizes, "rope.freq_base", said.get("rope_theta"));
    }
    put(sizes, "quantized", config.get("quantization_config"));
    return sizes;
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

  /// A general value that is a text and not empty.
  Optional<String> about(String key) {
    return text(general, key);
  }

  /// A size that is a text and not empty.
  Optional<String> text(String key) {
    return text(sizes, key);
  }

  private static Optional<String> text(Map<String, Object> values, String key) {
    return values.get(key) instanceof String text && !text.isBlank()
        ? Optional.of(text)
        : Optional.empty();
  }

  /// A count of at least 1; of an array the first.
  OptionalLong count(String key) {
    Object value = sizes.get(key);
    if (value instanceof long[] values && values.length > 0) {
      value = values[0];
    }
    if (value instanceof List<?> values && !values.isEmpty()) {
      value = values.getFirst();
    }
    return value instanceof Number number && number.longValue() > 0
        ? OptionalLong.of(number.longValue())
        : OptionalLong.empty();
  }

  /// A count for each layer, which may be written once for all.
  List<Long> perLayer(String key, int layers, long absent) {
    if (sizes.get(key) instanceof long[] values && values.length == layers) {
      return Arrays.stream(values).map(value -> Math.max(0, value)).boxed().toList();
    }
    return Collections.nCopies(layers, count(key).orElse(absent));
  }

  /// How many layers see all positions, in a family that mixes them: as they are listed, or every
  /// so many-th.
  OptionalLong layersWithoutWindow() {
    Object pattern = sizes.get("attention.sliding_window_pattern");
    if (pattern instanceof boolean[] windowed) {
      return OptionalLong.of(
          IntStream.range(0, windowed.length).filter(layer -> !windowed[layer]).count());
    }
    if (pattern instanceof List<?> types) {
      return OptionalLong.of(types.stream().filter("full_attention"::equals).count());
    }
    OptionalLong every = count("attention.sliding_window_pattern");
    return every.isEmpty()
        ? every
        : OptionalLong.of(count("block_count").orElse(0) / every.getAsLong());
  }

  /// A number above 0.
  OptionalDouble real(String key) {
    return sizes.get(key) instanceof Number number && number.doubleValue() > 0
        ? OptionalDouble.of(number.doubleValue())
        : OptionalDouble.empty();
  }

  boolean hasTensor(String part) {
    return tensors.stream().anyMatch(tensor -> tensor.name().contains(part));
  }

  long elements() {
    return tensors.stream().mapToLong(Tensor::elements).sum();
  }

  long bytes() {
    return tensors.stream().mapToLong(Tensor::bytes).sum();
  }

  /// The share of the weights in each type, the largest first.
  Map<String, Double> mix() {
    Map<String, Double> elements = new HashMap<>();
    tensors.forEach(
        tensor -> elements.merge(tensor.type(), (double) tensor.elements(), Double::sum));
    double all = Math.max(1, elements());
    Map<String, Double> mix = new LinkedHashMap<>();
    elements.entrySet().stream()
        .sorted(
            Map.Entry.<String, Double>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(entry -> mix.put(entry.getKey(), entry.getValue() / all));
    return mix;
  }
}
