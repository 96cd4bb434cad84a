package dev.inferno;

import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.References;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every point of every architecture against Hugging Face transformers, and what edits of them do.
@Tag("models")
class HooksGoldenTest {
  private static final double TOLERANCE = 3e-4;

  @TempDir Path folder;

  /// Every model as a Hugging Face folder, and as a GGUF file where there is one.
  static List<String> models() throws IOException {
    try (Stream<Path> folders = Files.list(Fixtures.shared("fixtures/arch"))) {
      return folders
          .filter(folder -> Files.exists(folder.resolve("hooks.safetensors")))
          .flatMap(folder ->
              Stream.of("", "/model-f32.gguf")
                  .filter(file -> Files.exists(Path.of(folder + file)))
                  .map(file -> folder.getFileName() + file))
          .sorted()
          .toList();
    }
  }

  private Model load(String name) throws IOException {
    Path path = Fixtures.shared("fixtures/arch/" + name);
    if (!name.equals("mistral/model-f32.gguf")) {
      return Model.load(path);
    }
    return Model.load( // the converter leaves out the window, which the reference knows
        GgufVariant.of(path)
            .set("llama.attention.sliding_window", "u32", 12L)
            .write(folder.resolve("mistral.gguf")));
  }

  private static Path file(String model, String name) {
    return Fixtures.shared("fixtures/arch/" + model.replace("/model-f32.gguf", "") + "/" + name);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyPointEqualsTheReferenceInThePromptAndInFourCachedSteps(String name) throws IOException {
    try (Model model = load(name)) {
      Goldens hooks = Goldens.read(file(name, "hooks.safetensors"));
      References.compareEveryPoint(model, hooks, TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyEditGivesTheReferencesLogits(String name) throws IOException {
    try (Model model = load(name)) {
      Goldens arrays = Goldens.read(file(name, "edits.safetensors"));
      References.compareEveryEdit(model, Json.read(file(name, "edits.json")), arrays, TOLERANCE);
    }
  }
}
