package dev.inferno.internal.gguf;

import dev.inferno.format.GgmlType;
import dev.inferno.format.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads the tensor table of a header. As in ggml, the data of each tensor begins exactly where
/// that of the one before it, padded, ends: no gap, no overlap, no other order.
final class TensorTableReader {
  /// The fewest bytes of an entry: name length, number of dimensions, type and offset.
  static final int LEAST_BYTES = 8 + 4 + 4 + 8;

  /// What an entry takes on the heap besides its name; a generous guess.
  private static final int ENTRY_HEAP_BYTES = 320;

  private final GgufCursor cursor;
  private final int alignment;
  private final List<String> warnings;
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private long dataSize;

  TensorTableReader(GgufCursor cursor, int alignment, List<String> warnings) {
    this.cursor = cursor;
    this.alignment = alignment;
    this.warnings = warnings;
  }

  /// Reads so many entries; their offsets count from the beginning of the data section.
  void read(long count) {
    for (long i = 0; i < count; i++) {
      cursor.reserve(ENTRY_HEAP_BYTES);
      TensorInfo tensor = tensor();
      tensors.put(tensor.name(), tensor);
    }
  }

  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /// The bytes of the data section, padding of the last tensor included.
  long dataSize() {
    return dataSize;
  }

  private TensorInfo tensor() {
    long nameAt = cursor.position();
    String name =
        new String(cursor.text("tensor name", GgufFormat.MAX_NAME_BYTES), StandardCharsets.UTF_8);
    if (tensors.containsKey(name)) {
      throw cursor.malformed(nameAt, "tensor '%s' appears twice", name);
    }
    long shapeAt = cursor.position();
    List<Long> dimensions = dimensions(name);
    long elements = elements(name, dimensions, shapeAt);
    long typeAt = cursor.position();
    GgmlType type = type(name);
    if (dimensions.getFirst() % type.blockSize() != 0) {
      throw cursor.malformed(
          typeAt,
          "tensor '%s' has rows of %d elements, must be whole blocks of %d (%s)",
          name,
          dimensions.getFirst(),
          type.blockSize(),
          type);
    }
    long offsetAt = cursor.position();
    long offset = cursor.i64();
    if (offset != dataSize) {
      throw cursor.malformed(
          offsetAt,
          "tensor '%s' begins %s bytes into the data, must be %d, where the tensor before it ends",
          name,
          Long.toUnsignedString(offset),
          dataSize);
    }
    try {
      long sizeBytes = type.bytes(elements);
      dataSize = GgufFormat.padded(Math.addExact(offset, sizeBytes), alignment);
      return new TensorInfo(name, type, dimensions, offset, sizeBytes);
    } catch (ArithmeticException e) {
      throw cursor.malformed(
          shapeAt, "tensor '%s' of shape %s has more bytes than any file", name, dimensions);
    }
  }

  private List<Long> dimensions(String name) {
    long at = cursor.position();
    int count = cursor.i32();
    if (Integer.compareUnsigned(count, GgufFormat.MAX_DIMENSIONS) > 0) {
      throw cursor.malformed(
          at,
          "tensor '%s' has %s dimensions, must be at most %d",
          name,
          Integer.toUnsignedString(count),
          GgufFormat.MAX_DIMENSIONS);
    }
    if (count == 0) {
      warnings.add("tensor '%s' has no dimensions, taken as one element".formatted(name));
      return List.of(1L);
    }
    List<Long> dimensions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long dimension = cursor.i64();
      if (dimension < 0) {
        throw cursor.malformed(
            cursor.position() - Long.BYTES,
            "tensor '%s' has a dimension of %s, must be below 2^63",
            name,
            Long.toUnsignedString(dimension));
      }
      dimensions.add(dimension);
    }
    return dimensions;
  }

  private long elements(String name, List<Long> dimensions, long at) {
    try {
      long elements = 1;
      for (long dimension : dimensions) {
        elements = Math.multiplyExact(elements, dimension);
      }
      return elements;
    } catch (ArithmeticException e) {
      throw cursor.malformed(
          at, "tensor '%s' of shape %s has more elements than 2^63", name, dimensions);
    }
  }

  private GgmlType type(String name) {
    int id = cursor.i32();
    return GgmlType.of(id)
        .orElseThrow(() ->
            cursor.unsupported(
                GgmlType.removed(id)
                    ? "tensor '%s' has type %s, which was removed from ggml; known are %s"
                    : "tensor '%s' has type %s, which is unknown; known are %s",
                name,
                Integer.toUnsignedString(id),
                Stream.of(GgmlType.values())
                    .map(GgmlType::name)
                    .collect(Collectors.joining(", "))));
  }
}
