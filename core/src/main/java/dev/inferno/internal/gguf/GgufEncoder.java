package dev.inferno.internal.gguf;

import dev.inferno.tokenizer.Utf8List;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Writes the primitives of the format, little-endian, and counts the bytes. For one thread.
public final class GgufEncoder {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int CHUNK_FLOATS = 4096;
  private static final String ARRAY_OF = "arr[";

  private final OutputStream out;
  private long position;

  /// An encoder of a file that begins here; does not buffer and does not close.
  public GgufEncoder(OutputStream out) {
    this.out = out;
  }

  /// How many bytes were written.
  public long position() {
    return position;
  }

  /// Counts bytes that were written to the stream directly.
  public void skip(long bytes) {
    position += bytes;
  }

  /// The low bytes of an integer.
  public void integer(long value, int bytes) throws IOException {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >>> (Byte.SIZE * i)));
    }
    position += bytes;
  }

  /// A length and the text.
  public void text(String text) throws IOException {
    text(text.getBytes(StandardCharsets.UTF_8));
  }

  private void text(byte[] utf8) throws IOException {
    integer(utf8.length, Long.BYTES);
    bytes(utf8);
  }

  /// Bytes as they are.
  public void bytes(byte[] bytes) throws IOException {
    out.write(bytes);
    position += bytes.length;
  }

  /// Zeros up to the next multiple of an alignment.
  public void pad(int alignment) throws IOException {
    bytes(new byte[(int) (GgufFormat.padded(position, alignment) - position)]);
  }

  /// The floats as they lie in a file.
  public static void floats(OutputStream out, float[] floats) throws IOException {
    byte[] chunk = new byte[CHUNK_FLOATS * Float.BYTES];
    for (int at = 0; at < floats.length; at += CHUNK_FLOATS) {
      int count = Math.min(CHUNK_FLOATS, floats.length - at);
      MemorySegment.copy(floats, at, MemorySegment.ofArray(chunk), F32, 0, count);
      out.write(chunk, 0, count * Float.BYTES);
    }
  }

  /// The type and the value of a metadata entry that {@link #accepts} accepted.
  public void metadata(String label, Object value) throws IOException {
    GgufType type = type(label);
    integer(type.id(), Integer.BYTES);
    if (type != GgufType.ARRAY) {
      element(type, value);
      return;
    }
    GgufType element = elementType(label).orElseThrow();
    integer(element.id(), Integer.BYTES);
    switch (value) {
      case long[] integers -> {
        integer(integers.length, Long.BYTES);
        for (long integer : integers) {
          element(element, integer);
        }
      }
      case float[] floats -> {
        integer(floats.length, Long.BYTES);
        floats(out, floats);
        position += (long) floats.length * Float.BYTES;
      }
      case double[] doubles -> {
        integer(doubles.length, Long.BYTES);
        for (double real : doubles) {
          element(element, real);
        }
      }
      case boolean[] booleans -> {
        integer(booleans.length, Long.BYTES);
        for (boolean bool : booleans) {
          element(element, bool);
        }
      }
      case Utf8List strings -> {
        integer(strings.size(), Long.BYTES);
        for (int i = 0; i < strings.size(); i++) {
          text(strings.utf8(i)); // as they were, be they UTF-8 or not
        }
      }
      case List<?> strings -> {
        integer(strings.size(), Long.BYTES);
        for (Object string : strings) {
          element(element, string);
        }
      }
      default -> throw new AssertionError("accepted before: " + value);
    }
  }

  private void element(GgufType type, Object value) throws IOException {
    switch (type) {
      case U8, I8, U16, I16, U32, I32, U64, I64 -> integer((Long) value, type.leastBytes());
      case F32 ->
          integer(Float.floatToRawIntBits(((Double) value).floatValue()), type.leastBytes());
      case F64 -> integer(Double.doubleToRawLongBits((Double) value), type.leastBytes());
      case BOOL -> integer((Boolean) value ? 1 : 0, type.leastBytes());
      case STRING -> text((String) value);
      case ARRAY -> throw new AssertionError("arrays have no arrays");
    }
  }

  /// Whether a type, such as `u32` or `arr[str]`, holds this value exactly.
  public static boolean accepts(String label, Object value) {
    Optional<GgufType> element = elementType(label);
    if (element.isEmpty()) {
      Optional<GgufType> type = GgufType.labelled(label);
      return type.isPresent() && type.get() != GgufType.ARRAY && holds(type.get(), value);
    }
    GgufType type = element.get();
    return switch (value) {
      case long[] integers -> {
        boolean all = type.integer();
        for (int i = 0; i < integers.length && all; i++) {
          all = holds(type, integers[i]);
        }
        yield all;
      }
      case float[] floats -> type == GgufType.F32;
      case double[] doubles -> type == GgufType.F64;
      case boolean[] booleans -> type == GgufType.BOOL;
      case Utf8List strings -> type == GgufType.STRING;
      case List<?> strings ->
          type == GgufType.STRING && strings.stream().allMatch(String.class::isInstance);
      default -> false;
    };
  }

  private static boolean holds(GgufType type, Object value) {
    return switch (type) {
      case U8, U16, U32 ->
          value instanceof Long number && number >>> (Byte.SIZE * type.leastBytes()) == 0;
      case I8 -> value instanceof Long number && number == number.byteValue();
      case I16 -> value instanceof Long number && number == number.shortValue();
      case I32 -> value instanceof Long number && number == number.intValue();
      case U64, I64 -> value instanceof Long;
      case F32 ->
          value instanceof Double number
              && Double.compare(number, (double) number.floatValue()) == 0;
      case F64 -> value instanceof Double;
      case BOOL -> value instanceof Boolean;
      case STRING -> value instanceof String;
      case ARRAY -> false;
    };
  }

  private static GgufType type(String label) {
    return label.startsWith(ARRAY_OF) ? GgufType.ARRAY : GgufType.labelled(label).orElseThrow();
  }

  /// The type between the brackets of `arr[...]`.
  private static Optional<GgufType> elementType(String label) {
    return label.startsWith(ARRAY_OF) && label.endsWith("]")
        ? GgufType.labelled(label.substring(ARRAY_OF.length(), label.length() - 1))
        : Optional.empty();
  }
}
