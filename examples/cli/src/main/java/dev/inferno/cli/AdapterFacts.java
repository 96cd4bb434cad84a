package dev.inferno.cli;

import dev.inferno.format.GgufFile;
import dev.inferno.format.SafetensorsFile;
import dev.inferno.format.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What an adapter is, as far as its file says. Immutable.
///
/// @param name the name of its file or folder
/// @param matrices how many matrices it changes, by two factors each
/// @param bytes what the factors take in memory, where they are F32
record AdapterFacts(String name, long matrices, long bytes) {

  static AdapterFacts of(Path path) throws IOException {
    return Files.isDirectory(path) ? folder(path) : gguf(path);
  }

  private static AdapterFacts gguf(Path path) throws IOException {
    GgufFile file = GgufFile.open(path);
    long numbers = file.tensors().stream().mapToLong(TensorInfo::elements).sum();
    return new AdapterFacts(file.name(), file.tensors().size() / 2, Float.BYTES * numbers);
  }

  private static AdapterFacts folder(Path path) throws IOException {
    Path name = path.toAbsolutePath().normalize().getFileName();
    try (SafetensorsFile file = SafetensorsFile.open(path.resolve("adapter_model.safetensors"))) {
      long numbers = 0;
      for (String tensor : file.names()) {
        numbers += file.shape(tensor).stream().reduce(1L, Math::multiplyExact);
      }
      return new AdapterFacts(
          name == null ? path.toString() : name.toString(),
          file.names().size() / 2,
          Float.BYTES * numbers);
    }
  }

  String words() {
    return "%s, which changes %d %s"
        .formatted(name, matrices, matrices == 1 ? "matrix" : "matrices");
  }
}
