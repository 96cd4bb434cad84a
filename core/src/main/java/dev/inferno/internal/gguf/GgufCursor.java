package dev.inferno.internal.gguf;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// A place in a file's bytes that moves forward as they are read. Nothing is read or allocated
/// before it is known to be there. For one thread.
final class GgufCursor {
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// The most bytes of heap that a file's metadata and tensor table may take. The largest
  /// vocabularies need a sixth; a sparse file of zeros could ask for gigabytes.
  private static final long HEAP_LIMIT = 128L << 20;

  private static final long MAX_STRING_BYTES = 1L << 30;

  private final MemorySegment file;
  private final String name;
  private long position;
  private long heap;

  GgufCursor(MemorySegment file, String name) {
    this.file = file;
    this.name = name;
  }

  long position() {
    return position;
  }

  long remaining() {
    return file.byteSize() - position;
  }

  int u8() {
    return Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, advance(1)));
  }

  int i32() {
    return file.get(I32, advance(4));
  }

  long i64() {
    return file.get(I64, advance(8));
  }

  float f32() {
    return Float.intBitsToFloat(i32());
  }

  double f64() {
    return Double.longBitsToDouble(i64());
  }

  boolean bool() {
    return booleans(1)[0];
  }

  /// As many integers of a type, widened. Copied as they lie, then widened, since one by one is
  /// slow where nothing is compiled yet.
  long[] integers(GgufType type, int count) {
    reserve((long) count * Long.BYTES);
    long at = advance((long) count * type.leastBytes());
    long[] integers = new long[count];
    switch (type) {
      case U8, I8 -> {
        byte[] bytes = new byte[count];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
        long mask = type == GgufType.U8 ? 0xFF : -1;
        for (int i = 0; i < count; i++) {
          integers[i] = bytes[i] & mask;
        }
      }
      case U16, I16 -> {
        short[] shorts = new short[count];
        MemorySegment.copy(file, I16, at, shorts, 0, count);
        long mask = type == GgufType.U16 ? 0xFFFF : -1;
        for (int i = 0; i < count; i++) {
          integers[i] = shorts[i] & mask;
        }
      }
      case U32, I32 -> {
        int[] ints = new int[count];
        MemorySegment.copy(file, I32, at, ints, 0, count);
        long mask = type == GgufType.U32 ? 0xFFFF_FFFFL : -1;
        for (int i = 0; i < count; i++) {
          integers[i] = ints[i] & mask;
        }
      }
      case U64, I64 -> MemorySegment.copy(file, I64, at, integers, 0, count);
      case F32, F64, BOOL, STRING, ARRAY -> throw new AssertionError(type + " is no integer");
    }
    return integers;
  }

  float[] floats(int count) {
    reserve((long) count * Float.BYTES);
    float[] floats = new float[count];
    MemorySegment.copy(file, F32, advance((long) count * Float.BYTES), floats, 0, count);
    return floats;
  }

  double[] doubles(int count) {
    reserve((long) count * Double.BYTES);
    double[] doubles = new double[count];
    MemorySegment.copy(file, F64, advance((long) count * Double.BYTES), doubles, 0, count);
    return doubles;
  }

  boolean[] booleans(int count) {
    reserve(2L * count);
    long at = advance(count);
    byte[] bytes = new byte[count];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, at, bytes, 0, count);
    boolean[] booleans = new boolean[count];
    for (int i = 0; i < count; i++) {
      if (bytes[i] != 0 && bytes[i] != 1) {
        throw malformed(at + i, "bool of value %d, must be 0 or 1", bytes[i] & 0xFF);
      }
      booleans[i] = bytes[i] == 1;
    }
    return booleans;
  }

  /// A length and that many bytes of text, at most `most`.
  byte[] text(String what, long most) {
    byte[] bytes = new byte[textLength(what, most)];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, advance(bytes.length), bytes, 0, bytes.length);
    return bytes;
  }

  /// A length and that many bytes of text.
  byte[] text() {
    return text("string", MAX_STRING_BYTES);
  }

  /// As many texts: one walk over the lengths, then one copy of them all.
  PackedStrings texts(int count) {
    reserve((long) count * (Integer.BYTES + Long.BYTES));
    long begin = position;
    int[] ends = new int[count];
    for (int i = 0; i < count; i++) {
      advance(textLength("string", MAX_STRING_BYTES));
      ends[i] = (int) (position - begin); // reserved, so far from 2^31
    }
    byte[] bytes = new byte[(int) (position - begin)];
    MemorySegment.copy(file, ValueLayout.JAVA_BYTE, begin, bytes, 0, bytes.length);
    return new PackedStrings(bytes, ends);
  }

  /// The length of a text, checked against what is left of the file and of the heap.
  private int textLength(String what, long most) {
    long at = position;
    long length = i64();
    if (Long.compareUnsigned(length, remaining()) > 0) {
      throw malformed(
          at, "%s of %s bytes, but %d are left", what, Long.toUnsignedString(length), remaining());
    }
    if (length > most) {
      throw malformed(at, "%s of %d bytes, must be at most %d", what, length, most);
    }
    reserve(length);
    return (int) length;
  }

  /// Says that so many bytes of heap are about to be taken.
  void reserve(long bytes) {
    heap = Math.addExact(heap, bytes);
    if (heap > HEAP_LIMIT) {
      throw unsupported(
          "metadata and tensor table need more than %d MiB of memory", HEAP_LIMIT >> 20);
    }
  }

  /// Moves on by so many bytes, which must be there; returns where they begin.
  private long advance(long bytes) {
    if (bytes > remaining()) {
      throw malformed(
          position, "the file ends: %d bytes are wanted, but %d are left", bytes, remaining());
    }
    long at = position;
    position += bytes;
    return at;
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  MalformedModelException malformed(long at, String format, Object... arguments) {
    return new MalformedModelException(
        "%s: malformed at byte %d: ".formatted(name, at) + format.formatted(arguments));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  UnsupportedModelException unsupported(String format, Object... arguments) {
    return new UnsupportedModelException(
        "%s: unsupported: ".formatted(name) + format.formatted(arguments));
  }
}
