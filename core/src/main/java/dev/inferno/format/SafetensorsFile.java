package dev.inferno.format;

import dev.inferno.internal.safetensors.MappedSafetensors;
import dev.inferno.internal.safetensors.SafetensorsTensor;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A safetensors file: tensors by name, mapped and read when they are asked for. Its header is
/// checked completely when it is opened. The format: <https://github.com/huggingface/safetensors>
///
/// Immutable and thread-safe; not to be used after {@link #close}.
public final class SafetensorsFile implements Closeable {
  private final MappedSafetensors file;

  SafetensorsFile(MappedSafetensors file) {
    this.file = file;
  }

  /// Opens a file. Messages call it by the last part of its path.
  ///
  /// @throws IOException if there is no such file, it is a folder, or it cannot be read
  /// @throws MalformedModelException if it breaks the format
  @SuppressWarnings("MustBeClosedChecker") // lives until close()
  public static SafetensorsFile open(Path path) throws IOException {
    return new SafetensorsFile(MappedSafetensors.open(path));
  }

  /// What messages call the file.
  public String name() {
    return file.name();
  }

  /// The strings that the file says about itself, in its order.
  public Map<String, String> metadata() {
    return file.metadata();
  }

  /// The names of the tensors, in the order of their data.
  public Set<String> names() {
    return file.tensors().keySet();
  }

  /// The sizes of a tensor, the slowest dimension first; empty for a scalar.
  ///
  /// @throws IllegalArgumentException if there is no such tensor
  public List<Long> shape(String tensor) {
    return required(tensor).shape();
  }

  /// The type of a tensor's elements as the format calls it, such as `F32` or `BF16`.
  ///
  /// @throws IllegalArgumentException if there is no such tensor
  public String type(String tensor) {
    return required(tensor).type().name();
  }

  /// Where a tensor's data begins, in bytes from the beginning of the file.
  ///
  /// @throws IllegalArgumentException if there is no such tensor
  public long offset(String tensor) {
    return required(tensor).offset();
  }

  /// How many bytes a tensor's data has.
  ///
  /// @throws IllegalArgumentException if there is no such tensor
  public long sizeBytes(String tensor) {
    return required(tensor).sizeBytes();
  }

  /// The elements of a tensor as floats, in row-major order. Integers and doubles are rounded to
  /// the nearest float.
  ///
  /// @throws IllegalArgumentException if there is no such tensor
  /// @throws UnsupportedModelException if they are of a type that has no plain conversion, or more
  ///   than an array can hold
  public float[] floats(String tensor) {
    return file.floats(required(tensor));
  }

  private SafetensorsTensor required(String tensor) {
    return file.tensor(tensor)
        .orElseThrow(
            () -> new IllegalArgumentException("%s has no tensor '%s'".formatted(name(), tensor)));
  }

  /// Unmaps the file.
  @Override
  public void close() {
    file.close();
  }
}
