package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
/// @param parameters how many numbers the factors have
record AdapterFacts(String name, long matrices, long parameters) {
  private static final String FACTOR = ".lora_"; // what the names of factors have

  static AdapterFacts of(Path path) throws IOException {
    return Files.isDirectory(path) ? folder(path) : gguf(path);
  }

  private static AdapterFacts gguf(Path path) throws IOException {
    GgufFile file = GgufFile.open(path);
    long numbers = file.tensors().stream().mapToLong(TensorInfo::elements).sum();
    return new AdapterFacts(file.name(), file.tensors().size() / 2, numbers);
  }

  private static AdapterFacts folder(Path path) throws IOException {
    Path name = path.toAbsolutePath().normalize().getFileName();
    try (SafetensorsFile file = SafetensorsFile.open(path.resolve("adapter_model.safetensors"))) {
      long numbers = 0;
      long factors = 0;
      for (String tensor : file.names()) {
        if (tensor.contains(FACTOR)) { // others are as they are in the model
          numbers += file.shape(tensor).stream().reduce(1L, Math::multiplyExact);
          factors++;
        }
      }
      return new AdapterFacts(
          name == null ? path.toString() : name.toString(), factors / 2, numbers);
    }
  }

  /// What the factors take in memory, where they are F32.
  long bytes() {
    return Float.BYTES * parameters;
  }

  ObjectNode json() {
    return Json.object().put("name", name).put("matrices", matrices).put("parameters", parameters);
  }

  String words() {
    return "%s, which changes %d %s by %,d parameters"
        .formatted(name, matrices, matrices == 1 ? "matrix" : "matrices", parameters);
  }
}
