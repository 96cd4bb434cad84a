package dev.inferno.internal.models;

import dev.inferno.format.GgufFile;
import dev.inferno.format.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// A GGUF file as a model is read from it: everything is as it lies there. Immutable.
public record GgufModelFile(GgufFile file, FileBytes bytes) implements ModelFile {
  @Override
  public String name() {
    return file.name();
  }

  @Override
  public Map<String, Object> metadata() {
    return file.metadata();
  }

  @Override
  public Optional<String> string(String key) {
    return file.string(key);
  }

  @Override
  public String requiredString(String key) {
    return file.requiredString(key);
  }

  @Override
  public OptionalLong integer(String key) {
    return file.integer(key);
  }

  @Override
  public long requiredInteger(String key) {
    return file.requiredInteger(key);
  }

  @Override
  public OptionalDouble real(String key) {
    return file.real(key);
  }

  @Override
  public double requiredReal(String key) {
    return file.requiredReal(key);
  }

  @Override
  public String keyName(String key) {
    return key;
  }

  @Override
  public List<TensorInfo> tensors() {
    return file.tensors();
  }

  @Override
  public Optional<TensorInfo> tensor(String name) {
    return file.tensor(name);
  }

  @Override
  public String tensorName(String tensor) {
    return tensor;
  }

  @Override
  public MemorySegment data(TensorInfo tensor) {
    return bytes.keep(tensor.offset(), tensor.sizeBytes());
  }

  @Override
  public void lend(TensorInfo tensor, long offset, long length, Consumer<MemorySegment> use) {
    bytes.lend(tensor.offset() + offset, length, use);
  }

  @Override
  public MemorySegment allocate(long bytes) {
    return this.bytes.allocate(bytes);
  }

  @Override
  public long sizeBytes() {
    return bytes.size();
  }
}
