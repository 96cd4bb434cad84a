package dev.inferno.cli;

import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import dev.inferno.tokenizer.Utf8List;
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
    if (model.isEmpty() || model.get().equals("none")) { // as llama.cpp's converter says it
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

  /// A general value that is a text and not empty.
  Optional<String> about(String key) {
    return text(general, key);
  }

  /// A size that is a text and not empty.
  Optional<String> text(String key) {
    return text(sizes, key);
  }

  static Optional<String> text(Map<String, Object> values, String key) {
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

  /// How many numbers a key of a head has; of latent attention the real ones, where a file has
  /// those over the latent, too.
  OptionalDouble headSize() {
    OptionalDouble stated = real("attention.key_length_mla");
    if (stated.isEmpty()) {
      stated = real("attention.key_length");
    }
    OptionalLong heads = count("attention.head_count");
    OptionalLong width = count("embedding_length");
    return stated.isPresent() || heads.isEmpty() || width.isEmpty()
        ? stated
        : OptionalDouble.of((double) width.getAsLong() / heads.getAsLong());
  }

  /// How many numbers of a key RoPE turns, where that is said; a folder may say which part.
  OptionalDouble turned() {
    OptionalDouble count = real("rope.dimension_count");
    OptionalDouble part = real("rope.dimension_part");
    OptionalDouble size = headSize();
    return count.isPresent() || part.isEmpty() || size.isEmpty()
        ? count
        : OptionalDouble.of(Math.floor(part.getAsDouble() * size.getAsDouble()));
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
