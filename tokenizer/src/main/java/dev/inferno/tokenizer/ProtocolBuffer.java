package dev.inferno.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Reads one message of a protocol buffer, field by field. For one reading.
///
/// <https://protobuf.dev/programming-guides/encoding>
final class ProtocolBuffer {

  private static final int VARIABLE = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int LENGTH_FIRST = 2;
  private static final int FOUR_BYTES = 5;

  private final String name;
  private final ByteBuffer bytes;

  /// Where in the file the message begins.
  private final int origin;

  private int field;
  private int wireType;

  private ProtocolBuffer(String name, ByteBuffer bytes, int origin) {
    this.name = name;
    this.bytes = bytes;
    this.origin = origin;
  }

  /// @param name what messages call the file
  static ProtocolBuffer of(byte[] file, String name) {
    return new ProtocolBuffer(name, ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN), 0);
  }

  /// Goes to the next field; its value must then be read or skipped.
  ///
  /// @return the number of the field, 0 at the end of the message
  int next() {
    if (!bytes.hasRemaining()) {
      return 0;
    }
    long key = variable();
    wireType = (int) key & 7;
    if (key >>> 3 == 0 || key >>> 3 > Integer.MAX_VALUE) {
      throw malformed("a field numbered %d; possible are 1 and more".formatted(key >>> 3));
    }
    field = (int) (key >>> 3);
    return field;
  }

  /// The value of an integer, or of true and false.
  long integer() {
    requireType(VARIABLE);
    return variable();
  }

  float real() {
    requireType(FOUR_BYTES);
    requireBytes(Float.BYTES);
    return bytes.getFloat();
  }

  byte[] blob() {
    byte[] blob = new byte[length()];
    bytes.get(blob);
    return blob;
  }

  /// A text of at most so many bytes, which must be UTF-8.
  String text(int most) {
    int length = length();
    if (length > most) {
      throw malformed(
          "field %d has %d bytes; possible are up to %d".formatted(field, length, most));
    }
    ByteBuffer text = bytes.slice(bytes.position(), length);
    bytes.position(bytes.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
    } catch (CharacterCodingException e) {
      throw malformed("field %d is not UTF-8".formatted(field));
    }
  }

  ProtocolBuffer message() {
    int length = length();
    int start = bytes.position();
    ByteBuffer part = bytes.slice(start, length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(start + length);
    return new ProtocolBuffer(name, part, origin + start);
  }

  void skip() {
    switch (wireType) {
      case VARIABLE -> variable();
      case EIGHT_BYTES -> skip(Long.BYTES);
      case LENGTH_FIRST -> skip(length());
      case FOUR_BYTES -> skip(Integer.BYTES);
      default ->
          throw malformed(
              "field %d of wire type %d; possible are 0, 1, 2, 5".formatted(field, wireType));
    }
  }

  private void skip(int count) {
    requireBytes(count);
    bytes.position(bytes.position() + count);
  }

  private int length() {
    requireType(LENGTH_FIRST);
    long length = variable();
    if (length < 0 || length > bytes.remaining()) {
      throw malformed(
          "field %d of %s bytes, but %d are left"
              .formatted(field, Long.toUnsignedString(length), bytes.remaining()));
    }
    return (int) length;
  }

  private void requireType(int type) {
    if (wireType != type) {
      throw malformed("field %d of wire type %d; it must be %d".formatted(field, wireType, type));
    }
  }

  private void requireBytes(int count) {
    if (bytes.remaining() < count) {
      throw malformed(
          "field %d of %d bytes, but %d are left".formatted(field, count, bytes.remaining()));
    }
  }

  private long variable() {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (!bytes.hasRemaining()) {
        throw malformed("the file ends within a number");
      }
      byte next = bytes.get();
      number |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return number;
      }
    }
    throw malformed("a number of more than 10 bytes");
  }

  MalformedTokenizerException malformed(String what) {
    return new MalformedTokenizerException(
        "%s: malformed near byte %d: %s".formatted(name, origin + bytes.position(), what));
  }
}
