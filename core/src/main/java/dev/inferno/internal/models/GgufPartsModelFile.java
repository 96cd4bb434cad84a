package dev.inferno.internal.models;

import dev.inferno.format.GgufFile;
import dev.inferno.format.GgufParts;
import dev.inferno.format.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Several GGUF files as one model is read from them: the metadata of the first, the tensors of
/// all. Immutable.
public final class GgufPartsModelFile implements ModelFile {
  private final GgufModelFile first;
  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Map<String, GgufModelFile> parts = new HashMap<>(); // by the name of a tensor
  private final long sizeBytes;

  /// Of checked parts, with the bytes of each in the same order.
  public GgufPartsModelFile(GgufParts files, List<? extends FileBytes> bytes) {
    this.first = new GgufModelFile(files.first(), bytes.getFirst());
    long size = 0;
    for (int i = 0; i < bytes.size(); i++) {
      GgufFile file = files.files().get(i);
      var part = new GgufModelFile(file, bytes.get(i));
      for (TensorInfo tensor : file.tensors()) {
        tensors.add(tensor);
        parts.put(tensor.name(), part);
      }
      size += part.sizeBytes();
    }
    this.sizeBytes = size;
  }

  @Override
  public String name() {
    return first.name();
  }

  @Override
  public Map<String, Object> metadata() {
    return first.metadata();
  }

  @Override
  public Optional<String> string(String key) {
    return first.string(key);
  }

  @Override
  public String requiredString(String key) {
    return first.requiredString(key);
  }

  @Override
  public OptionalLong integer(String key) {
    return first.integer(key);
  }

  @Override
  public long requiredInteger(String key) {
    return first.requiredInteger(key);
  }

  @Override
  public OptionalDouble real(String key) {
    return first.real(key);
  }

  @Override
  public double requiredReal(String key) {
    return first.requiredReal(key);
  }

  @Override
  public String keyName(String key) {
    return key;
  }

  @Override
  public List<TensorInfo> tensors() {
    return List.copyOf(tensors);
  }

  @Override
  public Optional<TensorInfo> tensor(String name) {
    GgufModelFile part = parts.get(name);
    return part == null ? Optional.empty() : part.tensor(name);
  }

  @Override
  public String tensorName(String tensor) {
    return tensor;
  }

  @Override
  public MemorySegment data(TensorInfo tensor) {
    return part(tensor).data(tensor);
  }

  @Override
  public void lend(TensorInfo tensor, long offset, long length, Consumer<MemorySegment> use) {
    part(tensor).lend(tensor, offset, length, use);
  }

  private GgufModelFile part(TensorInfo tensor) {
    GgufModelFile part = parts.get(tensor.name());
    if (part == null) {
      throw new IllegalArgumentException("there is no tensor '%s'".formatted(tensor.name()));
    }
    return part;
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return first.allocate(bytes);
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }
}
