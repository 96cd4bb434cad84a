package dev.inferno.testing;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufWriter;
import dev.inferno.format.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A GGUF file with something changed: metadata set or left out, tensors left out, cut, or of
/// another type.
public final class GgufVariant {
  private final GgufFile file;
  private final byte[] bytes;
  private final Map<String, Entry> metadata = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private record Entry(String type, Object value) {}

  private record Tensor(GgmlType type, List<Long> dimensions) {}

  private GgufVariant(GgufFile file, byte[] bytes) {
    this.file = file;
    this.bytes = bytes;
    file.metadata()
        .forEach((key, value) -> metadata.put(key, new Entry(file.metadataType(key), value)));
    for (TensorInfo tensor : file.tensors()) {
      tensors.put(tensor.name(), new Tensor(tensor.type(), tensor.dimensions()));
    }
  }

  /// A variant of this file, nothing changed yet.
  public static GgufVariant of(Path path) throws IOException {
    return new GgufVariant(GgufFile.open(path), Files.readAllBytes(path));
  }

  /// Sets a key.
  public GgufVariant set(String key, String type, Object value) {
    metadata.put(key, new Entry(type, value));
    return this;
  }

  /// Leaves out a key.
  public GgufVariant withoutKey(String key) {
    metadata.remove(key);
    return this;
  }

  /// Leaves out a tensor.
  public GgufVariant withoutTensor(String name) {
    tensors.remove(name);
    return this;
  }

  /// Gives a tensor another type and shape, filled with the beginning of its data and then zeros; a
  /// new one is all zeros.
  public GgufVariant tensor(String name, GgmlType type, Long... dimensions) {
    tensors.put(name, new Tensor(type, List.of(dimensions)));
    return this;
  }

  /// Writes it.
  public Path write(Path path) throws IOException {
    var writer = new GgufWriter();
    metadata.forEach((key, entry) -> writer.metadata(key, entry.type(), entry.value()));
    tensors.forEach((name, tensor) -> {
      long elements = tensor.dimensions().stream().reduce(1L, Math::multiplyExact);
      int size = Math.toIntExact(tensor.type().bytes(elements));
      byte[] data = file.tensor(name).map(this::data).orElse(new byte[0]);
      writer.tensor(name, tensor.type(), tensor.dimensions(), Arrays.copyOf(data, size));
    });
    writer.write(path);
    return path;
  }

  private byte[] data(TensorInfo tensor) {
    int from = Math.toIntExact(tensor.offset());
    return Arrays.copyOfRange(bytes, from, from + Math.toIntExact(tensor.sizeBytes()));
  }
}
