package dev.inferno;

import dev.inferno.format.GgufFile;
import dev.inferno.internal.models.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files that a model is read from, for tests of how it is read.
public final class ModelFiles {
  private ModelFiles() {}

  /// A GGUF file, copied into memory; to be closed.
  public static ModelFile gguf(Path path) throws IOException {
    String name = path.toString();
    return new GgufModelFile(GgufFile.open(path), ModelBytes.copy(Files.readAllBytes(path), name));
  }
}
