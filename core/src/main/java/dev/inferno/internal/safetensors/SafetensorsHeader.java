package dev.inferno.internal.safetensors;

import dev.inferno.format.MalformedModelException;
import dev.inferno.internal.safetensors.HeaderParser.RawTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What the header of a file says, validated: UTF-8, one JSON object without duplicate keys, and
/// tensors that cover the data exactly, without hole or overlap, up to the last byte of the file.
///
/// @param metadata the strings of `__metadata__`
/// @param tensors the tensors by name, in the order of their data
record SafetensorsHeader(Map<String, String> metadata, Map<String, SafetensorsTensor> tensors) {
  /// The most bytes that the JSON of a header may have, as in the reference library.
  static final int MAX_LENGTH = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /// Reads and checks the header of a file.
  ///
  /// @throws MalformedModelException if the file breaks the format
  static SafetensorsHeader parse(MemorySegment file, String name) {
    if (file.byteSize() < Long.BYTES) {
      throw malformed(
          name, 0, "not a safetensors file: %d bytes, must be at least 8", file.byteSize());
    }
    long length = file.get(LENGTH, 0);
    if (Long.compareUnsigned(length, MAX_LENGTH) > 0) {
      throw malformed(
          name,
          0,
          "header of %s bytes, must be at most %d; perhaps this is no safetensors file",
          Long.toUnsignedString(length),
          MAX_LENGTH);
    }
    long left = file.byteSize() - Long.BYTES;
    if (length > left) {
      throw malformed(name, 0, "header of %d bytes, but %d are left", length, left);
    }
    byte[] json = file.asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
    requireUtf8(json, name);
    // The format asks for the brace. With it, and no NUL after it, the JSON parser, which would
    // skip a byte order mark and guess at UTF-16, has nothing to guess.
    if (json.length < 2 || json[0] != '{' || json[1] == 0) {
      throw malformed(name, Long.BYTES, "the header does not begin with a JSON object");
    }
    HeaderParser parser = new HeaderParser(json, name);
    parser.parse();
    long dataAt = Long.BYTES + length;
    return new SafetensorsHeader(
        Collections.unmodifiableMap(parser.metadata()),
        Collections.unmodifiableMap(
            placed(parser.tensors(), dataAt, file.byteSize() - dataAt, name)));
  }

  /// The tensors in the order of their data, each checked to begin where the one before ends.
  private static Map<String, SafetensorsTensor> placed(
      List<RawTensor> tensors, long dataAt, long dataLength, String name) {
    List<RawTensor> sorted = tensors;
    sorted.sort(Comparator.comparingLong(RawTensor::begin).thenComparingLong(RawTensor::end));
    Map<String, SafetensorsTensor> placed = LinkedHashMap.newLinkedHashMap(sorted.size());
    long end = 0;
    for (RawTensor tensor : sorted) {
      if (tensor.begin() != end || tensor.end() < tensor.begin()) {
        throw malformed(
            name,
            "tensor '%s' has data_offsets [%d, %d], must begin where the data before it ends, at"
                + " %d",
            tensor.name(),
            tensor.begin(),
            tensor.end(),
            end);
      }
      long size = sizeBytes(tensor, name);
      if (tensor.end() - tensor.begin() != size) {
        throw malformed(
            name,
            "tensor '%s' has %d bytes, but %s of shape %s takes %d",
            tensor.name(),
            tensor.end() - tensor.begin(),
            tensor.type(),
            tensor.shape(),
            size);
      }
      if (tensor.end() > dataLength) {
        throw malformed(
            name,
            "tensor '%s' ends at byte %d of the data, but the file has %d",
            tensor.name(),
            tensor.end(),
            dataLength);
      }
      placed.put(
          tensor.name(),
          new SafetensorsTensor(tensor.name(), tensor.type(), tensor.shape(), dataAt + end, size));
      end = tensor.end();
    }
    if (end != dataLength) {
      throw malformed(
          name, "the tensors cover %d bytes of data, but the file has %d", end, dataLength);
    }
    return placed;
  }

  private static long sizeBytes(RawTensor tensor, String name) {
    try {
      long elements = 1;
      for (long dimension : tensor.shape()) {
        elements = Math.multiplyExact(elements, dimension);
      }
      long bits = Math.multiplyExact(elements, (long) tensor.type().bits());
      if (bits % Byte.SIZE != 0) {
        throw malformed(
            name,
            "tensor '%s' of type %s and shape %s does not end on a whole byte",
            tensor.name(),
            tensor.type(),
            tensor.shape());
      }
      return bits / Byte.SIZE;
    } catch (ArithmeticException e) {
      throw malformed(
          name,
          "tensor '%s' of type %s and shape %s has more bits than 64 bits can count",
          tensor.name(),
          tensor.type(),
          tensor.shape());
    }
  }

  /// Decodes in small steps, since only the place of the first wrong byte is wanted.
  private static void requireUtf8(byte[] json, String name) {
    var decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(json);
    CharBuffer out = CharBuffer.allocate(8192);
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw malformed(name, Long.BYTES + in.position(), "the header is not UTF-8");
    }
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private static MalformedModelException malformed(
      String name, long at, String format, Object... arguments) {
    return new MalformedModelException(
        "%s: malformed at byte %d: ".formatted(name, at) + format.formatted(arguments));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency
  private static MalformedModelException malformed(
      String name, String format, Object... arguments) {
    return new MalformedModelException(
        "%s: malformed: ".formatted(name) + format.formatted(arguments));
  }
}
