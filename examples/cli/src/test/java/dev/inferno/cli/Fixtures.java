package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// Files that tests read: those that core's tests have, and those that do not ship with the
/// sources, for tests with `@Tag("models")`.
final class Fixtures {
  private static final String PROPERTY = "inferno.models";
  private static final Path OF_CORE = Path.of("..", "..", "core", "src", "test", "resources");

  private Fixtures() {}

  /// A file of core's test resources, such as `arch/llama/model-f32.gguf`.
  static Path copied(String name) {
    return existing(OF_CORE.resolve("fixtures").resolve(name));
  }

  /// A file of the folder that the system property `inferno.models` names; skips the calling test
  /// without it.
  static Path shared(String name) {
    String folder = System.getProperty(PROPERTY, "");
    return folder.isBlank() || folder.startsWith("${")
        ? Assumptions.abort("needs -D" + PROPERTY + "=FOLDER with " + name)
        : existing(Path.of(folder, name));
  }

  static JsonNode json(Path file) {
    try {
      return Json.read(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path existing(Path file) {
    if (!Files.exists(file)) {
      throw new IllegalArgumentException("there is no " + file);
    }
    return file;
  }
}
