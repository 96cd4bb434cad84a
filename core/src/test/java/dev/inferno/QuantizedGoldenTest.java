package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.GgufFile;
import dev.inferno.internal.quant.BlockFormats;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// One llama in every quantization, against Hugging Face transformers over the dequantized weights
/// in float32. A file is tested by lying in the folder.
class QuantizedGoldenTest {
  private static final double TOLERANCE = 2e-3;

  /// What llama-quantize has no recipe for.
  private static final Set<String> WITHOUT_A_FILE =
      Set.of("I8", "I16", "I32", "I64", "F64", "NVFP4", "Q1_0", "Q2_0");

  @TestFactory
  List<DynamicTest> everyCopiedFileGivesTheReferencesLogits() throws IOException {
    return tests(Fixtures.copied("quant/llama-256"));
  }

  @TestFactory
  @Tag("models")
  List<DynamicTest> everyFileOfSupportedTypesGivesTheReferencesLogits() throws IOException {
    return tests(Fixtures.shared("fixtures/quant/llama-256"));
  }

  private static List<DynamicTest> tests(Path folder) throws IOException {
    Map<String, JsonNode> prompts = Prompts.of(Json.read(folder.resolve("goldens.json")));
    Goldens goldens = Goldens.read(folder.resolve("quant-goldens.safetensors"));
    List<DynamicTest> tests = new ArrayList<>();
    for (Path file : models(folder)) {
      String type = file.getFileName().toString().replaceAll("model-|\\.gguf", "");
      if (isSupported(file) && !type.equals("F32")) { // the quantizations' own origin
        tests.add(DynamicTest.dynamicTest(type, () -> check(file, type + ".", prompts, goldens)));
      }
    }
    assertThat(tests).as("models in %s", folder).hasSizeGreaterThanOrEqualTo(12);
    return tests;
  }

  private static void check(
      Path file, String prefix, Map<String, JsonNode> prompts, Goldens goldens) throws IOException {
    try (Model model = Model.load(file)) {
      for (Map.Entry<String, JsonNode> prompt : prompts.entrySet()) {
        String key = prompt.getKey();
        int[] ids = Prompts.ids(prompt.getValue());
        float[] expected = goldens.floats(prefix + key + ".logits");
        Compare.close(key + " in one pass", Prompts.logits(model, ids), expected, TOLERANCE);
        Compare.close(
            key + " in cached steps", Prompts.cachedLogits(model, ids), expected, TOLERANCE);
      }
    }
  }

  @Test
  @Tag("models")
  void theirOriginGivesTheReferencesLogits() throws IOException {
    Path folder = Fixtures.shared("fixtures/quant/llama-256");
    Map<String, JsonNode> prompts = Prompts.of(Json.read(folder.resolve("goldens.json")));
    Goldens goldens = Goldens.read(folder.resolve("goldens.safetensors"));
    check(folder.resolve("model-F32.gguf"), "", prompts, goldens);
  }

  @Test
  void theCopiedFilesHoldEverySupportedType() throws IOException {
    Set<String> types = new TreeSet<>();
    for (Path file : models(Fixtures.copied("quant/llama-256"))) {
      GgufFile.open(file).tensors().forEach(tensor -> types.add(tensor.type().name()));
    }
    assertThat(types)
        .containsAll(
            BlockFormats.all().stream()
                .map(format -> format.type().name())
                .filter(type -> !WITHOUT_A_FILE.contains(type))
                .toList());
  }

  private static List<Path> models(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("model-.*\\.gguf"))
          .sorted()
          .toList();
    }
  }

  private static boolean isSupported(Path file) throws IOException {
    return GgufFile.open(file).tensors().stream()
        .allMatch(tensor -> BlockFormats.of(tensor.type()).isPresent());
  }
}
