package dev.inferno.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Json;
import dev.inferno.tokenizer.Utf8List;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufFileTest {
  @TempDir Path folder;

  @Test
  void theTypeTableIsGgmls() {
    Map<Integer, String> expected = new TreeMap<>();
    Map<Integer, String> actual = new TreeMap<>();
    // Ids, names, block sizes and bytes as `ggml-types.json` of ggml d99724f2 gives them.
    for (JsonNode row : Json.read(Fixtures.copied("ggml-types.json")).required("types")) {
      expected.put(
          row.required("id").asInt(),
          "%s %d %d"
              .formatted(
                  row.required("name").asText(),
                  row.required("block").asInt(),
                  row.required("bytes").asInt()));
    }
    for (GgmlType type : GgmlType.values()) {
      actual.put(type.id(), "%s %d %d".formatted(type.name(), type.blockSize(), type.blockBytes()));
    }
    assertThat(actual).isEqualTo(expected);
  }

  @Test
  void everyQuantisedModelHasTheTensorTypesThatItsMakerCounted() throws IOException {
    JsonNode types =
        Json.read(Fixtures.copied("quant/llama-256/quant-goldens.json")).required("types");
    int files = 0;
    for (JsonNode type : types) {
      String name = type.required("file").asText();
      if (!Files.exists(Fixtures.copied("quant/llama-256").resolve(name))) {
        continue; // one of the types that are not copied
      }
      Map<String, Long> expected = new TreeMap<>();
      type.required("tensor_types")
          .properties()
          .forEach(entry -> expected.put(entry.getKey(), entry.getValue().asLong()));
      assertThat(typeCounts(GgufFile.open(Fixtures.copied("quant/llama-256/" + name))))
          .as(name)
          .isEqualTo(expected);
      files++;
    }
    assertThat(files).isEqualTo(21);
  }

  private static Map<String, Long> typeCounts(GgufFile file) {
    return file.tensors().stream()
        .collect(
            Collectors.groupingBy(
                tensor -> tensor.type().name(), TreeMap::new, Collectors.counting()));
  }

  @Test
  void pathChannelAndBytesSayTheSame() throws IOException {
    Path path = Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf");
    GgufFile ofPath = GgufFile.open(path);
    GgufFile ofBytes = GgufFile.of(Files.readAllBytes(path), "bytes");
    try (FileChannel channel = FileChannel.open(path)) {
      channel.position(100);
      GgufFile ofChannel = GgufFile.of(channel, "channel");
      assertThat(channel.isOpen()).isTrue();
      assertThat(ofChannel.name()).isEqualTo("channel");
      assertThat(ofChannel.tensors()).isEqualTo(ofPath.tensors()).isEqualTo(ofBytes.tensors());
    }
    assertThat(ofPath.name()).isEqualTo("inferno-tiny-q8_0.gguf");
    assertThat(ofPath.warnings()).isEmpty();
    assertThat(ofBytes.requiredString("general.architecture")).isEqualTo("llama");
    assertThat(ofBytes.requiredInteger("llama.block_count")).isEqualTo(8);
    Utf8List tokens = ofBytes.strings("tokenizer.ggml.tokens").orElseThrow();
    assertThat(tokens).hasSize(2048).contains("<|endoftext|>").doesNotHaveDuplicates();
  }

  @Test
  void aValueIsAskedForByItsType() throws IOException {
    Path path = folder.resolve("values.gguf");
    new GgufWriter()
        .metadata("text", "str", "x")
        .metadata("layers", "u32", 4000L)
        .metadata("huge", "u64", -1L)
        .metadata("base", "f32", 10000.0)
        .metadata("flag", "bool", false)
        .metadata("ids", "arr[i32]", new long[] {-1, 2})
        .metadata("scores", "arr[f32]", new float[] {0.5f})
        .write(path);
    GgufFile file = GgufFile.open(path);

    assertThat(file.string("text")).hasValue("x");
    assertThat(file.integer("layers")).hasValue(4000);
    assertThat(file.real("base")).hasValue(10000.0);
    assertThat(file.requiredReal("base")).isEqualTo(10000.0);
    assertThat(file.bool("flag")).hasValue(false);
    assertThat(file.requiredBool("flag")).isFalse();
    assertThat(file.integers("ids")).hasValue(new long[] {-1, 2});
    assertThat(file.floats("scores")).hasValue(new float[] {0.5f});
    assertThat(file.string("absent")).isEmpty();
    assertThat(file.integer("absent")).isEmpty();
    assertThat(file.real("absent")).isEmpty();

    assertMalformed(() -> file.string("layers"), "key 'layers' is u32, must be str");
    assertMalformed(() -> file.real("layers"), "key 'layers' is u32, must be f32 or f64");
    assertMalformed(() -> file.integer("text"), "key 'text' is str, must be an integer");
    assertMalformed(() -> file.strings("ids"), "key 'ids' is arr[i32], must be arr[str]");
    assertMalformed(
        () -> file.integer("huge"), "key 'huge' is 18446744073709551615, must be below 2^63");
    assertMalformed(() -> file.requiredInteger("absent"), "there is no key 'absent'");
    assertMalformed(
        () -> file.requiredInteger("layers", 1, 512),
        "key 'layers' is 4000, must be between 1 and 512");
    assertMalformed(() -> file.requiredTensor("absent"), "there is no tensor 'absent'");
    assertThatThrownBy(() -> file.metadataType("absent"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertMalformed(Runnable question, String message) {
    assertThatThrownBy(question::run)
        .isInstanceOf(MalformedModelException.class)
        .hasMessage("values.gguf: malformed: " + message);
  }

  @Test
  void paddingAtTheEndOfTheDataBelongsToIt() throws IOException {
    Path path = folder.resolve("padded.gguf");
    new GgufWriter().tensor("a", List.of(3L), new float[3]).write(path);
    byte[] valid = Files.readAllBytes(path);
    GgufFile file = GgufFile.of(valid, "x");
    TensorInfo last = file.tensors().getLast();
    int end = (int) (last.offset() + last.sizeBytes());
    assertThat(end).as("there is padding").isLessThan(valid.length);
    assertThatThrownBy(() -> GgufFile.of(Arrays.copyOf(valid, valid.length - 1), "x"))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("the data with its padding takes");
    assertThatThrownBy(() -> GgufFile.of(Arrays.copyOf(valid, end - 1), "x"))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("tensor '" + last.name() + "' takes bytes");
  }

  @Test
  void aTensorWithoutDimensionsIsOneElementAsInGgml() throws IOException {
    Path path = folder.resolve("scalar.gguf");
    new GgufWriter().tensor("s", List.of(1L), new float[] {3}).write(path);
    byte[] bytes = Files.readAllBytes(path);
    int countAt = 24 + 8 + 1;
    assertThat(bytes[countAt]).as("the number of dimensions").isEqualTo((byte) 1);
    bytes[countAt] = 0;
    System.arraycopy(bytes, countAt + 12, bytes, countAt + 4, 12); // type and offset move up
    GgufFile file = GgufFile.of(bytes, "x");

    assertThat(file.requiredTensor("s").elements()).isEqualTo(1);
    assertThat(file.requiredTensor("s").sizeBytes()).isEqualTo(4);
    assertThat(file.warnings())
        .containsExactly("tensor 's' has no dimensions, taken as one element");
  }

  @Test
  void aPathThatIsNoFileIsNamed() {
    assertThatThrownBy(() -> GgufFile.open(folder.resolve("absent.gguf")))
        .isInstanceOf(IOException.class)
        .hasMessageMatching("cannot read .*absent\\.gguf: there is no such file");
    assertThatThrownBy(() -> GgufFile.open(folder))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(": it is a folder, not a file");
  }

  @Test
  void aForeignFileIsNamedByHowItBegins() {
    assertThatThrownBy(() -> GgufFile.of(new byte[] {'P', 'K', 3, 4, 5}, "x.zip"))
        .hasMessage(
            "x.zip: malformed at byte 0: not a GGUF file: it begins with 50 4b 03 04, must be 47 47"
                + " 55 46 (GGUF)");
  }

  @Test
  void aMessageIsOneLineWhateverTheFileCallsItsTensors() throws IOException {
    Path path = folder.resolve("names.gguf");
    new GgufWriter()
        .metadata("a\nb\u001B[31m", "u32", 1L)
        .metadata("k".repeat(60_000), "u32", 1L)
        .write(path);
    GgufFile file = GgufFile.open(path);
    assertThatThrownBy(() -> file.string("a\nb\u001B[31m"))
        .hasMessage("names.gguf: malformed: key 'a\uFFFDb\uFFFD[31m' is u32, must be str");
    assertThatThrownBy(() -> file.string("k".repeat(60_000)))
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1100));
  }

  @Test
  @Tag("models")
  void realModelsAndVocabulariesOpenWithoutAWarning() throws IOException {
    GgufFile model = GgufFile.open(Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
    assertThat(model.requiredInteger("llama.block_count")).isEqualTo(30);
    assertThat(model.strings("tokenizer.ggml.tokens").orElseThrow()).hasSize(49152);
    assertThat(model.tensors()).hasSize(272);
    assertThat(model.warnings()).isEmpty();

    try (Stream<Path> files = Files.walk(Fixtures.shared("tokenizers"))) {
      List<Path> vocabularies = files.filter(file -> file.toString().endsWith(".gguf.gz")).toList();
      assertThat(vocabularies).isNotEmpty();
      for (Path vocabulary : vocabularies) {
        GgufFile file = GgufFile.of(Fixtures.bytes(vocabulary), vocabulary.toString());
        assertThat(file.strings("tokenizer.ggml.tokens")).as(file.name()).isPresent();
        assertThat(file.warnings()).as(file.name()).isEmpty();
      }
    }
  }
}
