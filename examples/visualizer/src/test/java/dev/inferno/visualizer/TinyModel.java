package dev.inferno.visualizer;

import dev.inferno.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The model that comes with the command line: 1.8 million parameters, a context of 512.
final class TinyModel {
  static final ModelSource SOURCE =
      new ModelSource("tiny", progress -> Model.load(file(), progress));

  private TinyModel() {}

  static Path file() {
    Path file =
        Path.of("..", "cli", "src", "main", "resources")
            .resolve(Path.of("dev", "inferno", "cli", "models", "inferno-tiny-q8_0.gguf"));
    if (!Files.exists(file)) {
      throw new IllegalStateException("there is no " + file.toAbsolutePath());
    }
    return file;
  }

  static Model load() throws IOException {
    return Model.load(file());
  }
}
