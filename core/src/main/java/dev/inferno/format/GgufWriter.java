package dev.inferno.format;

import dev.inferno.internal.files.FileReplacement;
import dev.inferno.internal.gguf.GgufEncoder;
import dev.inferno.internal.gguf.GgufFormat;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Writes GGUF files of version 3: metadata and tensors are gathered, then written in one go. What
/// it writes, {@link GgufFile} reads.
///
/// ```java
/// new GgufWriter()
///     .metadata("general.architecture", "str", "llama")
///     .metadata("llama.block_count", "u32", 2L)
///     .tensor("output_norm.weight", List.of(64L), gains)
///     .write(Path.of("tiny.gguf"));
/// ```
///
/// For one thread at a time.
public final class GgufWriter {
  private static final byte[] MAGIC = "GGUF".getBytes(StandardCharsets.US_ASCII);
  private static final int VERSION = 3;
  private static final int BUFFER_BYTES = 1 << 16;

  private final Map<String, Entry> metadata = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private int alignment = GgufFormat.DEFAULT_ALIGNMENT;

  private record Entry(String type, Object value) {}

  private record Tensor(GgmlType type, List<Long> dimensions, long sizeBytes, Data data) {}

  /// Where the data of a tensor comes from when the file is written.
  @FunctionalInterface
  public interface Data {
    /// Writes the whole data of the tensor, as it lies in a file.
    void writeTo(OutputStream out) throws IOException;
  }

  /// A writer of a file that is still empty.
  public GgufWriter() {}

  /// Adds a key, or replaces its value. Values are what {@link GgufFile#metadata} gives; a `u32`
  /// named `general.alignment` sets the alignment of the file.
  ///
  /// @param type as {@link GgufFile#metadataType} gives it: `u32`, `str`, `arr[f32]`
  /// @param value String, Long, Double, Boolean, long[], float[], double[], boolean[], or a list of
  ///   strings; arrays and lists are not copied
  /// @throws IllegalArgumentException if there is no such type, it does not hold this value
  ///   exactly, or the format does not allow such a key
  public GgufWriter metadata(String key, String type, Object value) {
    if (!GgufEncoder.accepts(type, value)) {
      throw new IllegalArgumentException(
          "key '%s': '%s' must be a type that holds %s (%s)"
              .formatted(key, type, value, value.getClass().getSimpleName()));
    }
    if (key.getBytes(StandardCharsets.UTF_8).length > GgufFormat.MAX_KEY_BYTES) {
      throw new IllegalArgumentException(
          "a key must have at most %d bytes".formatted(GgufFormat.MAX_KEY_BYTES));
    }
    if (key.equals(GgufFormat.ALIGNMENT_KEY)) {
      alignment = alignment(type, value);
    }
    metadata.put(key, new Entry(type, value));
    return this;
  }

  private static int alignment(String type, Object value) {
    if (type.equals("u32") && value instanceof Long bytes && GgufFormat.validAlignment(bytes)) {
      return bytes.intValue();
    }
    throw new IllegalArgumentException(
        "%s must be a u32, a power of two from %d to %d, but is %s (%s)"
            .formatted(
                GgufFormat.ALIGNMENT_KEY,
                GgufFormat.LEAST_ALIGNMENT,
                GgufFormat.MOST_ALIGNMENT,
                value,
                type));
  }

  /// Adds all metadata of a file.
  public GgufWriter metadataOf(GgufFile file) {
    file.metadata().forEach((key, value) -> metadata(key, file.metadataType(key), value));
    return this;
  }

  /// Adds a tensor whose data a callback writes while the file is written.
  ///
  /// @param dimensions 1 to 4 of them, each >= 0, the length of a row first
  /// @throws IllegalArgumentException if there is a tensor of this name, or the format does not
  ///   allow such a name or shape
  public GgufWriter tensor(String name, GgmlType type, List<Long> dimensions, Data data) {
    if (name.getBytes(StandardCharsets.UTF_8).length > GgufFormat.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "the name of a tensor must have at most %d bytes, but is '%s'"
              .formatted(GgufFormat.MAX_NAME_BYTES, name));
    }
    if (tensors.containsKey(name)) {
      throw new IllegalArgumentException("there is a tensor '%s' already".formatted(name));
    }
    tensors.put(
        name, new Tensor(type, List.copyOf(dimensions), sizeBytes(name, type, dimensions), data));
    return this;
  }

  /// Adds a tensor of these bytes, which are not copied.
  ///
  /// @throws IllegalArgumentException as above, or if there are not as many as the shape asks for
  public GgufWriter tensor(String name, GgmlType type, List<Long> dimensions, byte[] data) {
    requireSize(name, sizeBytes(name, type, dimensions), data.length);
    return tensor(name, type, dimensions, out -> out.write(data));
  }

  /// Adds a tensor of {@link GgmlType#F32}; the floats are not copied.
  ///
  /// @throws IllegalArgumentException as above, or if there are not as many as the shape asks for
  public GgufWriter tensor(String name, List<Long> dimensions, float[] data) {
    long sizeBytes = sizeBytes(name, GgmlType.F32, dimensions);
    requireSize(name, sizeBytes, (long) data.length * Float.BYTES);
    return tensor(name, GgmlType.F32, dimensions, out -> GgufEncoder.floats(out, data));
  }

  private static long sizeBytes(String name, GgmlType type, List<Long> dimensions) {
    if (dimensions.isEmpty()
        || dimensions.size() > GgufFormat.MAX_DIMENSIONS
        || dimensions.stream().anyMatch(dimension -> dimension < 0)
        || dimensions.getFirst() % type.blockSize() != 0) {
      throw new IllegalArgumentException(
          "tensor '%s' (%s) must have 1 to %d dimensions, the first in whole blocks of %d, but has %s"
              .formatted(name, type, GgufFormat.MAX_DIMENSIONS, type.blockSize(), dimensions));
    }
    return type.bytes(new TensorInfo(name, type, dimensions, 0, 0).elements());
  }

  private static void requireSize(String name, long expected, long actual) {
    if (actual != expected) {
      throw new IllegalArgumentException(
          "tensor '%s' must have %d bytes, but has %d".formatted(name, expected, actual));
    }
  }

  /// Writes the file beside whatever is at this path, then replaces it.
  ///
  /// @throws IOException if that cannot be; the message says why, and nothing has changed
  public void write(Path path) throws IOException {
    FileReplacement.write(path, this::write);
  }

  private void write(FileChannel channel) throws IOException {
    OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    GgufEncoder encoder = new GgufEncoder(out);
    writeHeader(encoder);
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      encoder.pad(alignment);
      writeData(tensor.getKey(), tensor.getValue(), out);
      encoder.skip(tensor.getValue().sizeBytes());
    }
    if (!tensors.isEmpty()) {
      encoder.pad(alignment);
    }
    out.flush();
  }

  private void writeHeader(GgufEncoder encoder) throws IOException {
    encoder.bytes(MAGIC);
    encoder.integer(VERSION, Integer.BYTES);
    encoder.integer(tensors.size(), Long.BYTES);
    encoder.integer(metadata.size(), Long.BYTES);
    for (Map.Entry<String, Entry> entry : metadata.entrySet()) {
      encoder.text(entry.getKey());
      encoder.metadata(entry.getValue().type(), entry.getValue().value());
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      encoder.text(entry.getKey());
      encoder.integer(tensor.dimensions().size(), Integer.BYTES);
      for (long dimension : tensor.dimensions()) {
        encoder.integer(dimension, Long.BYTES);
      }
      encoder.integer(tensor.type().id(), Integer.BYTES);
      encoder.integer(offset, Long.BYTES);
      offset = GgufFormat.padded(offset + tensor.sizeBytes(), alignment);
    }
  }

  private static void writeData(String name, Tensor tensor, OutputStream out) throws IOException {
    var counted =
        new FilterOutputStream(out) {
          private long count;

          @Override
          public void write(int value) throws IOException {
            out.write(value);
            count++;
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            count += length;
          }

          @Override
          public void close() {
            // The file goes on after this tensor.
          }
        };
    tensor.data().writeTo(counted);
    if (counted.count != tensor.sizeBytes()) {
      throw new IllegalStateException(
          "tensor '%s' must have %d bytes, but %d were written"
              .formatted(name, tensor.sizeBytes(), counted.count));
    }
  }
}
