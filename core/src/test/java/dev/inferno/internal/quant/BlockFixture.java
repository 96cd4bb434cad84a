package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Blocks and values that belong together by ggml: those that its `to_float` gives for random
/// blocks, see `fixtures/blocks/TYPE.safetensors`: `blocks` [n, block bytes] and `values` [n, block
/// size]; or those that it encodes in these blocks, see `fixtures/encoded`.
public final class BlockFixture {
  private final MemorySegment blocks;
  private final float[] values;

  private BlockFixture(MemorySegment blocks, float[] values) {
    this.blocks = blocks;
    this.values = values;
  }

  /// The blocks, one after the other.
  public MemorySegment blocks() {
    return blocks;
  }

  /// What they decode to, or what was encoded.
  public float[] values() {
    return values;
  }

  /// Reads the fixture of a type from the test resources; there is none for F32.
  public static BlockFixture of(GgmlType type) {
    return read("/fixtures/blocks/" + type + ".safetensors");
  }

  /// Reads what a type encodes numbers of many kinds in; there is none for F32.
  public static BlockFixture encoded(GgmlType type) {
    return read("/fixtures/encoded/" + type + ".safetensors");
  }

  private static BlockFixture read(String name) {
    try (InputStream in = BlockFixture.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException(name + " is not among the resources");
      }
      byte[] bytes = in.readAllBytes();
      ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      int headerLength = Math.toIntExact(file.getLong(0));
      String header = new String(bytes, 8, headerLength, StandardCharsets.UTF_8);
      byte[] blocks = tensor("blocks", header, bytes, 8 + headerLength);
      byte[] values = tensor("values", header, bytes, 8 + headerLength);
      float[] floats = new float[values.length / 4];
      ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
      return new BlockFixture(MemorySegment.ofArray(blocks), floats);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] tensor(String name, String header, byte[] bytes, int data) {
    Matcher offsets =
        Pattern.compile("\"" + name + "\":\\{[^}]*\"data_offsets\":\\[(\\d+),(\\d+)]")
            .matcher(header);
    if (!offsets.find()) {
      throw new IllegalArgumentException("no tensor '" + name + "' in " + header);
    }
    return Arrays.copyOfRange(
        bytes,
        data + Integer.parseInt(offsets.group(1)),
        data + Integer.parseInt(offsets.group(2)));
  }
}
