package dev.inferno;

import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.References;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every point of every architecture against Hugging Face transformers, and what edits of them do.
@Tag("models")
class HooksGoldenTest {
  private static final double TOLERANCE = 3e-4;

  static List<String> models() throws IOException {
    return FixtureModels.namesWithHooks();
  }

  private static Path file(String model, String name) {
    return FixtureModels.folder(model).resolve(name);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyPointEqualsTheReferenceInThePromptAndInFourCachedSteps(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      Goldens hooks = Goldens.read(file(name, "hooks.safetensors"));
      References.compareEveryPoint(model, hooks, TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyEditGivesTheReferencesLogits(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      Goldens arrays = Goldens.read(file(name, "edits.safetensors"));
      References.compareEveryEdit(model, Json.read(file(name, "edits.json")), arrays, TOLERANCE);
    }
  }
}
