package dev.inferno.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.inferno.internal.files.FileReplacement;
import dev.inferno.internal.safetensors.MappedSafetensors;
import dev.inferno.internal.safetensors.SafetensorsType;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Writes a safetensors file of F32 tensors, none of them kept in memory. The header, which comes
/// first and is known last, is why the data goes to a file of its own beside the result until
/// {@link #commit} puts both together.
///
/// ```java
/// try (SafetensorsWriter writer = SafetensorsWriter.of(path)) {
///   writer.metadata("ids", "1,2,3");
///   writer.add("logits", List.of(3L, 384L), logits, 0);
///   writer.commit();
/// } // without the commit, nothing has happened
/// ```
///
/// For one thread.
public final class SafetensorsWriter implements Closeable {
  private static final JsonFactory JSON = new JsonFactory();
  private static final int CHUNK_FLOATS = 1 << 14;

  /// The data begins at a multiple of this.
  private static final int ALIGNMENT = 8;

  private final FileReplacement result;
  private final FileReplacement data;
  private final ByteBuffer chunk;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private long reserved; // bytes of the data

  /// A tensor, and the bytes of the data that it takes.
  private record Entry(List<Long> shape, long begin, long end) {
    long elements() {
      return (end - begin) / Float.BYTES;
    }
  }

  private SafetensorsWriter(FileReplacement result, FileReplacement data, ByteBuffer chunk) {
    this.result = result;
    this.data = data;
    this.chunk = chunk;
  }

  /// Begins to write what will be at this path.
  ///
  /// @throws IOException if that cannot be; the message says why
  @SuppressWarnings("MustBeClosedChecker") // both live until close()
  public static SafetensorsWriter of(Path path) throws IOException {
    FileReplacement result = FileReplacement.of(path);
    try {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_FLOATS * Float.BYTES);
      return new SafetensorsWriter(
          result, FileReplacement.of(path), chunk.order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException | RuntimeException e) {
      result.close();
      throw e;
    }
  }

  /// Sets a string that the file says about itself.
  public void metadata(String key, String value) {
    metadata.put(key, value);
  }

  /// Writes a whole tensor, row-major: as many floats as the shape asks for, from `at` on.
  ///
  /// @throws IllegalArgumentException if there is a tensor of this name
  /// @throws IndexOutOfBoundsException if there are too few floats
  public void add(String name, List<Long> shape, float[] floats, int at) throws IOException {
    reserve(name, shape);
    put(name, 0, floats, at, Math.toIntExact(entry(name).elements()));
  }

  /// Makes room for a tensor, which is 0 where {@link #put} writes nothing.
  ///
  /// @throws IllegalArgumentException if there is a tensor of this name
  public void reserve(String name, List<Long> shape) throws IOException {
    if (name.equals(MappedSafetensors.METADATA) || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a tensor cannot be named '%s'".formatted(name));
    }
    long elements = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException(
            "dimensions of tensor '%s' must not be negative: %s".formatted(name, shape));
      }
      elements = Math.multiplyExact(elements, dimension);
    }
    long end = Math.addExact(reserved, Math.multiplyExact(elements, (long) Float.BYTES));
    Entry entry = new Entry(List.copyOf(shape), reserved, end);
    if (entries.putIfAbsent(name, entry) != null) {
      throw new IllegalArgumentException("there is a tensor '%s' already".formatted(name));
    }
    if (end > reserved) { // the file gets its length now; what lies between are zeros
      writeFully(ByteBuffer.allocate(1), end - 1);
    }
    reserved = end;
  }

  /// Writes `count` floats, from `at` on, into a tensor that has room, from its element `index` on.
  ///
  /// @throws IllegalArgumentException if there is no tensor of this name
  /// @throws IndexOutOfBoundsException if its shape or the array has no such range
  public void put(String name, long index, float[] floats, int at, int count) throws IOException {
    Entry entry = entry(name);
    Objects.checkFromIndexSize(at, count, floats.length);
    Objects.checkFromIndexSize(index, (long) count, entry.elements());
    long position = entry.begin() + index * Float.BYTES;
    for (int i = 0; i < count; i += CHUNK_FLOATS) {
      int length = Math.min(CHUNK_FLOATS, count - i);
      chunk.clear();
      chunk.asFloatBuffer().put(floats, at + i, length);
      writeFully(chunk.limit(length * Float.BYTES), position + (long) i * Float.BYTES);
    }
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("there is no tensor '%s' to write to".formatted(name));
    }
    return entry;
  }

  private void writeFully(ByteBuffer bytes, long position) throws IOException {
    for (long at = position; bytes.hasRemaining(); ) {
      at += data.channel().write(bytes, at);
    }
  }

  /// Puts the complete file in its place.
  public void commit() throws IOException {
    FileChannel file = result.channel();
    ByteBuffer header = ByteBuffer.wrap(header());
    while (header.hasRemaining()) {
      file.write(header);
    }
    FileChannel from = data.channel();
    for (long at = 0; at < reserved; ) {
      at += from.transferTo(at, reserved - at, file);
    }
    result.commit();
  }

  /// The length of the JSON and the JSON, with blanks after it so that the data is aligned.
  private byte[] header() throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator generator = JSON.createGenerator(json)) {
      generator.writeStartObject();
      if (!metadata.isEmpty()) {
        generator.writeObjectFieldStart(MappedSafetensors.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          generator.writeStringField(entry.getKey(), entry.getValue());
        }
        generator.writeEndObject();
      }
      for (Map.Entry<String, Entry> entry : entries.entrySet()) {
        write(generator, entry.getKey(), entry.getValue());
      }
      generator.writeEndObject();
    }
    byte[] header = new byte[padded(Long.BYTES + json.size())];
    Arrays.fill(header, (byte) ' ');
    ByteBuffer.wrap(header)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length - Long.BYTES)
        .put(json.toByteArray());
    return header;
  }

  private static void write(JsonGenerator generator, String name, Entry entry) throws IOException {
    generator.writeObjectFieldStart(name);
    generator.writeStringField("dtype", SafetensorsType.F32.name());
    generator.writeArrayFieldStart("shape");
    for (long dimension : entry.shape()) {
      generator.writeNumber(dimension);
    }
    generator.writeEndArray();
    generator.writeArrayFieldStart("data_offsets");
    generator.writeNumber(entry.begin());
    generator.writeNumber(entry.end());
    generator.writeEndArray();
    generator.writeEndObject();
  }

  private static int padded(int size) {
    return Math.addExact(size, ALIGNMENT - 1) & -ALIGNMENT;
  }

  /// Discards what was written, unless it was committed.
  @Override
  public void close() throws IOException {
    try (result;
        data) {
      // Both are closed, whatever happens to one of them.
    }
  }
}
