package dev.inferno.internal.gguf;

import dev.inferno.format.MalformedModelException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the key-value pairs of a header.
final class MetadataReader {
  /// The fewest bytes of a pair: the length of a key, the type and the value.
  static final int LEAST_BYTES = 8 + 4 + 1;

  /// What a pair takes on the heap besides its text: map entry, boxes, headers; a generous guess.
  private static final int PAIR_HEAP_BYTES = 160;

  private final GgufCursor cursor;
  private final List<String> warnings;
  private int alignment = GgufFormat.DEFAULT_ALIGNMENT;

  MetadataReader(GgufCursor cursor, List<String> warnings) {
    this.cursor = cursor;
    this.warnings = warnings;
  }

  Map<String, MetadataValue> read(long count) {
    Map<String, MetadataValue> metadata = new LinkedHashMap<>();
    for (long i = 0; i < count; i++) {
      long at = cursor.position();
      cursor.reserve(PAIR_HEAP_BYTES);
      String key = key();
      if (metadata.containsKey(key)) {
        throw cursor.malformed(at, "key '%s' appears twice", key);
      }
      GgufType type = type("value of key '" + key + "'");
      long valueAt = cursor.position();
      MetadataValue value =
          type == GgufType.ARRAY ? array(key) : new MetadataValue(type.label(), scalar(type, key));
      if (key.equals(GgufFormat.ALIGNMENT_KEY)) {
        alignment = alignment(value, valueAt);
      }
      metadata.put(key, value);
    }
    return metadata;
  }

  /// What the pairs say about the alignment of the data.
  int alignment() {
    return alignment;
  }

  private int alignment(MetadataValue value, long at) {
    if (!value.type().equals(GgufType.U32.label())) {
      throw cursor.malformed(
          at, "key '%s' is %s, must be u32", GgufFormat.ALIGNMENT_KEY, value.type());
    }
    long bytes = (Long) value.value();
    if (!GgufFormat.validAlignment(bytes)) {
      throw cursor.malformed(
          at,
          "key '%s' is %d, must be a power of two from %d to %d",
          GgufFormat.ALIGNMENT_KEY,
          bytes,
          GgufFormat.LEAST_ALIGNMENT,
          GgufFormat.MOST_ALIGNMENT);
    }
    return (int) bytes;
  }

  private String key() {
    byte[] bytes = cursor.text("key", GgufFormat.MAX_KEY_BYTES);
    String key = new String(bytes, StandardCharsets.UTF_8);
    for (byte character : bytes) {
      if (character < 0) {
        warnings.add("key '%s' is not ASCII".formatted(key));
        break;
      }
    }
    return key;
  }

  private GgufType type(String what) {
    long at = cursor.position();
    int id = cursor.i32();
    return GgufType.of(id)
        .orElseThrow(() ->
            cursor.malformed(
                at, "%s has type %s, known are 0 to 12", what, Integer.toUnsignedString(id)));
  }

  private Object scalar(GgufType type, String key) {
    return switch (type) {
      case U8, I8, U16, I16, U32, I32, U64, I64 -> cursor.integers(type, 1)[0];
      case F32 -> (double) cursor.f32();
      case F64 -> cursor.f64();
      case BOOL -> cursor.bool();
      case STRING -> string(key);
      case ARRAY -> throw new AssertionError("an array is no scalar");
    };
  }

  private String string(String key) {
    byte[] bytes = cursor.text();
    String string = new String(bytes, StandardCharsets.UTF_8);
    // Bytes that are no UTF-8 decode to U+FFFD, which encodes to others.
    if (string.indexOf('\uFFFD') >= 0
        && !Arrays.equals(bytes, string.getBytes(StandardCharsets.UTF_8))) {
      warnings.add("the value of key '%s' is not UTF-8".formatted(key));
    }
    return string;
  }

  private MetadataValue array(String key) {
    GgufType element = type("array of key '" + key + "'");
    long at = cursor.position();
    if (element == GgufType.ARRAY) {
      throw cursor.malformed(at - 4, "key '%s' is an array of arrays", key);
    }
    long length = cursor.i64();
    if (Long.compareUnsigned(length, GgufFormat.MAX_ELEMENTS) > 0) {
      throw tooLong(at, key, length, "at most " + GgufFormat.MAX_ELEMENTS + " are possible");
    }
    if (length > cursor.remaining() / element.leastBytes()) {
      throw tooLong(at, key, length, "but %d bytes are left".formatted(cursor.remaining()));
    }
    return new MetadataValue("arr[" + element.label() + "]", elements(element, (int) length));
  }

  private MalformedModelException tooLong(long at, String key, long length, String most) {
    return cursor.malformed(
        at, "array of key '%s' of %s elements, %s", key, Long.toUnsignedString(length), most);
  }

  private Object elements(GgufType type, int length) {
    return switch (type) {
      case U8, I8, U16, I16, U32, I32, U64, I64 -> cursor.integers(type, length);
      case F32 -> cursor.floats(length);
      case F64 -> cursor.doubles(length);
      case BOOL -> cursor.booleans(length);
      case STRING -> cursor.texts(length);
      case ARRAY -> throw new AssertionError("an array of arrays was refused");
    };
  }
}
