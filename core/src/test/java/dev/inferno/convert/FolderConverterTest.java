package dev.inferno.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.GenerationDefaults;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.huggingface.HuggingFaceModel;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders as GGUF files, beside those that llama.cpp's converter made of them.
class FolderConverterTest {
  /// What we write though the converter does not, or otherwise, and why.
  private static final Set<String> DELIBERATE =
      Set.of(
          "general.name", // theirs was told to them; ours is the folder's
          "exaone.attention.layer_norm_epsilon", // of norms that are no layer norms
          "tokenizer.ggml.eot_token_id"); // theirs is a number in the code, whatever the vocabulary

  @TempDir Path temporary;

  static Stream<String> tiny() throws IOException {
    try (Stream<Path> folders = Files.list(Fixtures.copied("tiny"))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("config.json")))
          .filter(folder -> Files.exists(folder.resolve("model-f32.gguf")))
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList()
          .stream();
    }
  }

  private Path converted(Path folder, FileType type) throws IOException {
    Path out = temporary.resolve("converted.gguf");
    FolderConverter.convert(folder, out, type, (_, _) -> {});
    return out;
  }

  @ParameterizedTest
  @MethodSource("tiny")
  void everyTensorAndKeyIsAsLlamaCppConvertsIt(String name) throws IOException {
    Path folder = Fixtures.copied("tiny/" + name);
    Path ours = temporary.resolve("converted.gguf");
    FolderConverter.convert(folder, ours, (_, _) -> {}); // in single precision, or MXFP4, as it is
    assertSameTensors(ours, folder.resolve("model-f32.gguf"));
    // These folders have no tokenizer; theirs was given one.
    assertSameMetadata(ours, folder.resolve("model-f32.gguf"), "tokenizer.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"starcoder2", "qwen3moe", "llama-mqa"})
  void theTokenizerIsAsLlamaCppConvertsIt(String name) throws IOException {
    Path folder = withTokenizer(name);
    Path ours = converted(folder, FileType.F32);
    assertSameMetadata(ours, Fixtures.copied("tiny/" + name).resolve("model-f32.gguf"), "none");
    try (Model model = Model.load(ours);
        Model theirs = Model.load(Fixtures.copied("tiny/" + name).resolve("model-f32.gguf"))) {
      String text = "Alice was beginning to get very tired, wasn't she? 12345";
      assertThat(model.tokenizer().encode(text).ids())
          .isEqualTo(theirs.tokenizer().encode(text).ids());
    }
  }

  /// A folder of a model and its tokenizer.
  private Path withTokenizer(String name) throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("folder"));
    for (String from : List.of("tiny/", "tokenizers/")) {
      try (Stream<Path> files = Files.list(Fixtures.copied(from + name))) {
        for (Path file : files.toList()) {
          if (!file.toString().endsWith(".gguf")) {
            Files.copy(file, folder.resolve(file.getFileName().toString()));
          }
        }
      }
    }
    return folder;
  }

  @Tag("models")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "gemma",
        "gemma2",
        "gpt2",
        "granite",
        "llama",
        "llama-bias",
        "llama3",
        "mixtral",
        "olmo2",
        "phi3",
        "qwen2",
        "qwen2-yarn",
        "qwen3"
      })
  void everyFixtureIsAsLlamaCppConvertsIt(String name) throws IOException {
    Path folder = Fixtures.shared("fixtures/arch/" + name);
    Path ours = converted(folder, FileType.F32);
    assertSameTensors(ours, folder.resolve("model-f32.gguf"));
    assertSameMetadata(ours, folder.resolve("model-f32.gguf"), "none");
  }

  private static void assertSameTensors(Path actual, Path expected) throws IOException {
    GgufFile ours = GgufFile.open(actual);
    GgufFile theirs = GgufFile.open(expected);
    assertThat(names(ours)).isEqualTo(names(theirs));
    byte[] ourBytes = Files.readAllBytes(actual);
    byte[] theirBytes = Files.readAllBytes(expected);
    for (TensorInfo tensor : theirs.tensors()) {
      TensorInfo same = ours.tensor(tensor.name()).orElseThrow();
      assertThat(same.type()).as(tensor.name()).isEqualTo(tensor.type());
      assertThat(same.dimensions()).as(tensor.name()).isEqualTo(tensor.dimensions());
      assertThat(data(ourBytes, same)).as(tensor.name()).isEqualTo(data(theirBytes, tensor));
    }
  }

  private static Set<String> names(GgufFile file) {
    return file.tensors().stream()
        .map(TensorInfo::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static byte[] data(byte[] file, TensorInfo tensor) {
    int at = Math.toIntExact(tensor.offset());
    return Arrays.copyOfRange(file, at, at + Math.toIntExact(tensor.sizeBytes()));
  }

  private static void assertSameMetadata(Path actual, Path expected, String without)
      throws IOException {
    var ours = described(GgufFile.open(actual), without);
    var theirs = described(GgufFile.open(expected), without);
    // Theirs was told this name, which says that merges are ignored; the folder says they are not.
    theirs.replace("tokenizer.ggml.pre", "str llama-bpe", "str dbrx");
    // Theirs leaves out what is usual.
    ours.keySet().removeIf(key -> !theirs.containsKey(key) && isUsual(key));
    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    theirs.forEach((key, value) -> assertThat(ours.get(key)).as(key).isEqualTo(value));
  }

  private static boolean isUsual(String key) {
    return List.of(
            "general.file_type", // of one family theirs does not say it
            ".vocab_size", // also that of the token list
            ".attention.head_count_kv", // as many as heads
            ".attention.key_length", // the width over the heads
            ".attention.scale", // one over the square root of that
            ".attention.value_length",
            ".rope.dimension_count",
            ".rope.freq_base",
            ".rope.scaling.type",
            ".rope.scaling.dynamic_factor", // nothing in the context that it was trained for
            ".attention.sliding_window",
            ".attention.sliding_window_pattern", // as llama.cpp takes it where it is not said
            ".no_rope_layer_interval",
            ".expert_gating_func") // as the family has it
        .stream()
        .anyMatch(key::endsWith);
  }

  /// Every key with its type and value as a text.
  private static Map<String, String> described(GgufFile file, String without) {
    var described = new TreeMap<String, String>();
    file.metadata()
        .forEach((key, value) -> {
          if (!key.startsWith(without) && !DELIBERATE.contains(key)) {
            described.put(key, file.metadataType(key) + " " + text(value));
          }
        });
    return described;
  }

  private static String text(Object value) {
    return switch (value) {
      case long[] numbers -> Arrays.toString(numbers);
      case float[] numbers -> Arrays.toString(numbers);
      case boolean[] flags -> Arrays.toString(flags);
      case Iterable<?> texts -> {
        List<String> all = new ArrayList<>();
        texts.forEach(each -> all.add(each.toString()));
        yield all.toString();
      }
      default -> value.toString();
    };
  }

  /// Older files have the matrix behind the latent whole, and the lengths of the real keys and
  /// values; so have folders.
  @ParameterizedTest
  @ValueSource(strings = {"deepseek3-dense", "deepseek3-moe", "deepseek2-moe"})
  void bothFormsOfLatentAttentionComputeTheSame(String name) throws IOException {
    Path folder = Fixtures.copied("tiny/" + name);
    Path cut = converted(folder, FileType.F32);
    Path whole = temporary.resolve("whole.gguf");
    writeAsComputed(folder, whole);
    assertThat(GgufFile.open(cut).tensor("blk.0.attn_k_b.weight")).isPresent();
    assertThat(GgufFile.open(whole).tensor("blk.0.attn_kv_b.weight")).isPresent();
    assertThat(logits(cut)).isEqualTo(logits(folder));
    assertThat(logits(whole)).isEqualTo(logits(folder));
  }

  private static void writeAsComputed(Path folder, Path out) throws IOException {
    var writer = new GgufWriter();
    try (HuggingFaceModel model = HuggingFaceModel.open(folder, false)) {
      model
          .metadata()
          .forEach((key, value) -> {
            switch (value) {
              case Long number -> writer.metadata(key, "u32", number);
              case Double number -> writer.metadata(key, "f32", number);
              case Boolean flag -> writer.metadata(key, "bool", flag);
              default -> writer.metadata(key, "str", value);
            }
          });
      writer.metadata("tokenizer.ggml.model", "str", "none");
      for (TensorInfo tensor : model.tensors()) {
        byte[][] bytes = new byte[1][];
        model.lendWhole(tensor, data -> bytes[0] = data.toArray(ValueLayout.JAVA_BYTE));
        writer.tensor(tensor.name(), tensor.type(), tensor.dimensions(), bytes[0]);
      }
      writer.write(out);
    }
  }

  private static float[] logits(Path path) throws IOException {
    try (Model model = Model.load(path);
        Session session = model.newSession()) {
      session.append(1, 2, 3);
      return session.logits().copy();
    }
  }

  @Test
  void aFolderWithoutATokenizerRunsWithTokenIds() throws IOException {
    Path folder = Fixtures.copied("arch/llama");
    Path out = converted(folder, FileType.F32);
    assertThat(logits(out)).isEqualTo(logits(folder));
    try (Model model = Model.load(out)) {
      assertThatThrownBy(model::tokenizer).isInstanceOf(UnsupportedModelException.class);
    }
  }

  @ParameterizedTest
  @CsvSource({"F16, F16", "BF16, BF16", "F8_E5M2, BF16", "I64, F32"})
  void whatIsKeptIsTheFoldersTypeButForVectors(String stored, GgmlType type) throws IOException {
    Path folder =
        FolderVariant.of(Fixtures.copied("arch/llama")).as(stored).write(temporary.resolve("f"));
    Path out = temporary.resolve("out.gguf");
    FolderConverter.convert(folder, out, (_, _) -> {});
    GgufFile file = GgufFile.open(out);
    assertThat(file.tensor("blk.0.attn_q.weight").orElseThrow().type()).isEqualTo(type);
    assertThat(file.tensor("blk.0.attn_norm.weight").orElseThrow().type()).isEqualTo(GgmlType.F32);
    assertThat(file.requiredInteger("general.file_type"))
        .isEqualTo(FileType.valueOf(type.name()).id());
  }

  @Test
  void aFolderIsQuantizedAsTheFileMadeOfIt() throws IOException {
    Path folder = withTokenizer("starcoder2");
    Path direct = temporary.resolve("direct.gguf");
    Path detour = temporary.resolve("detour.gguf");
    Quantizer.quantize(folder, direct, FileType.Q4_0, (_, _) -> {});
    Quantizer.quantize(converted(folder, FileType.F32), detour, FileType.Q4_0, (_, _) -> {});
    assertThat(direct).hasSameBinaryContentAs(detour);
  }

  @Test
  void whatTheAuthorsSayOfGeneratingIsKept() throws IOException {
    Path folder = FolderVariant.of(Fixtures.copied("arch/llama")).write(temporary.resolve("f"));
    Files.writeString(
        folder.resolve("generation_config.json"),
        "{\"do_sample\": false, \"temperature\": 0.7, \"top_k\": 20, \"top_p\": 0.5}");
    try (Model model = Model.load(converted(folder, FileType.F32))) {
      GenerationDefaults defaults = model.generationDefaults();
      assertThat(defaults.temperature()).isEqualTo(Optional.of(0f));
      assertThat(defaults.topK()).isEqualTo(Optional.of(20));
      assertThat(defaults.topP()).isEqualTo(Optional.of(0.5f));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"BPE\" | \"Unigram\" | tokenizer.json: unsupported: model.type is 'Unigram'; supported is BPE",
        "\"use_regex\":true | \"use_regex\":0"
            + " | tokenizer.json: malformed: pre_tokenizer.use_regex is 0, must be true or false",
      },
      quoteCharacter = '`')
  void aTokenizerThatGgufDoesNotHaveIsNamed(String from, String to, String message)
      throws IOException {
    Path folder = withTokenizer("starcoder2");
    Path file = folder.resolve("tokenizer.json");
    String compact = Files.readString(file).replaceAll("\\s*\\n\\s*", "").replace("\": ", "\":");
    assertThat(compact).contains(from);
    Files.writeString(file, compact.replaceFirst(from, to));
    assertThatThrownBy(() -> converted(folder, FileType.F32)).hasMessageContaining(message);
    assertThat(temporary.resolve("converted.gguf")).doesNotExist();
  }
}
