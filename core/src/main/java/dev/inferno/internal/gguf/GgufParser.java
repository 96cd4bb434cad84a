package dev.inferno.internal.gguf;

import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the header of a GGUF file: magic, version, counts, key-value pairs, tensor table; the data
/// of the tensors, which follows at the next multiple of the alignment, is only measured. The
/// format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>; the checks are those of
/// ggml's own reader (commit d99724f2), and that the data is there when the file is opened.
public final class GgufParser {
  private final GgufCursor cursor;
  private final long fileSize;
  private final List<String> warnings = new ArrayList<>();

  private GgufParser(MemorySegment file, String name) {
    this.cursor = new GgufCursor(file, name);
    this.fileSize = file.byteSize();
  }

  /// Reads and checks the header of a file, whose name is for messages.
  ///
  /// @throws MalformedModelException if the file breaks the format
  /// @throws UnsupportedModelException if it is of another version or byte order, or holds
  ///   something unknown
  public static GgufHeader parse(MemorySegment file, String name) {
    return new GgufParser(file, name).header();
  }

  private GgufHeader header() {
    requireMagic();
    int version = version();
    long countsAt = cursor.position();
    long tensorCount = cursor.i64();
    long pairCount = cursor.i64();
    requireRoom(countsAt, tensorCount, TensorTableReader.LEAST_BYTES, "tensors");
    requireRoom(countsAt + 8, pairCount, MetadataReader.LEAST_BYTES, "key-value pairs");

    MetadataReader reader = new MetadataReader(cursor, warnings);
    Map<String, MetadataValue> metadata = reader.read(pairCount);
    int alignment = reader.alignment();
    TensorTableReader table = new TensorTableReader(cursor, alignment, warnings);
    table.read(tensorCount);

    long dataOffset = GgufFormat.padded(cursor.position(), alignment);
    Map<String, TensorInfo> tensors = placed(table, dataOffset);
    return new GgufHeader(
        version,
        alignment,
        dataOffset,
        Collections.unmodifiableMap(metadata),
        Collections.unmodifiableMap(tensors),
        List.copyOf(warnings));
  }

  private void requireMagic() {
    if (cursor.remaining() < 4) {
      throw cursor.malformed(
          0, "not a GGUF file: it has %d bytes, too few for a header", cursor.remaining());
    }
    byte[] magic = {(byte) cursor.u8(), (byte) cursor.u8(), (byte) cursor.u8(), (byte) cursor.u8()};
    String text = new String(magic, StandardCharsets.ISO_8859_1);
    switch (text) {
      case "GGUF" -> {}
      // The formats before GGUF wrote their names as little-endian integers.
      case "lmgg", "fmgg", "tjgg", "algg", "ggml", "ggmf", "ggjt", "ggla" ->
          throw cursor.unsupported("a file of the old GGML format; supported is GGUF");
      default ->
          throw cursor.malformed(
              0,
              "not a GGUF file: it begins with %02x %02x %02x %02x, must be 47 47 55 46 (GGUF)",
              magic[0],
              magic[1],
              magic[2],
              magic[3]);
    }
  }

  private int version() {
    int version = cursor.i32();
    if (version == 2 || version == 3) {
      return version;
    }
    if (version == 0) {
      throw cursor.malformed(4, "GGUF version 0, must be 2 or 3");
    }
    if ((version & 0xFFFF) == 0) {
      throw cursor.unsupported(
          "a big-endian file (of GGUF version %d); supported are little-endian ones",
          Integer.toUnsignedLong(Integer.reverseBytes(version)));
    }
    throw cursor.unsupported(
        "GGUF version %s; supported are 2 and 3", Integer.toUnsignedString(version));
  }

  private void requireRoom(long at, long count, int leastBytes, String what) {
    long most = cursor.remaining() / leastBytes;
    if (Long.compareUnsigned(count, most) > 0) {
      throw cursor.malformed(
          at,
          "%s %s, but the %d bytes that are left hold at most %d",
          Long.toUnsignedString(count),
          what,
          cursor.remaining(),
          most);
    }
  }

  /// The tensors with offsets from the beginning of the file, all of whose data is in it.
  private Map<String, TensorInfo> placed(TensorTableReader table, long dataOffset) {
    Map<String, TensorInfo> placed = LinkedHashMap.newLinkedHashMap(table.tensors().size());
    long dataBytes = fileSize - dataOffset; // negative where the header ends without padding
    for (TensorInfo tensor : table.tensors().values()) {
      // What a table says may be near 2^63, so nothing is added before it is compared.
      if (tensor.sizeBytes() > 0 && tensor.offset() > dataBytes - tensor.sizeBytes()) {
        throw cursor.malformed(
            dataOffset,
            "tensor '%s' takes bytes %d to %d of the data, but the file has %d of them",
            tensor.name(),
            tensor.offset(),
            tensor.offset() + tensor.sizeBytes(),
            Math.max(dataBytes, 0));
      }
      placed.put(
          tensor.name(),
          new TensorInfo(
              tensor.name(),
              tensor.type(),
              tensor.dimensions(),
              dataOffset + tensor.offset(),
              tensor.sizeBytes()));
    }
    if (table.dataSize() > 0 && table.dataSize() > dataBytes) {
      throw cursor.malformed(
          dataOffset,
          "the data with its padding takes %d bytes, but the file has %d of them",
          table.dataSize(),
          Math.max(dataBytes, 0));
    }
    if (dataBytes > table.dataSize()) {
      warnings.add("%d bytes follow the end of the data".formatted(dataBytes - table.dataSize()));
    }
    return placed;
  }
}
