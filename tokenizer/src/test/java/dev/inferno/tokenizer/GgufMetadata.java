package dev.inferno.tokenizer;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;

/// Reads the key-values of a well-formed GGUF file, enough for tests of this module.
final class GgufMetadata {

  private final ByteBuffer file;

  private GgufMetadata(byte[] file) {
    this.file = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Map<String, Object> read(byte[] file) {
    return new GgufMetadata(file).keyValues();
  }

  /// Of a resource beside the tests.
  static Map<String, Object> resource(String name) {
    return read(resourceBytes(name));
  }

  static byte[] resourceBytes(String name) {
    try (InputStream in = GgufMetadata.class.getResourceAsStream(name)) {
      return unzipped(name, Objects.requireNonNull(in, name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] unzipped(String name, InputStream in) throws IOException {
    return name.endsWith(".gz") ? new GZIPInputStream(in).readAllBytes() : in.readAllBytes();
  }

  private Map<String, Object> keyValues() {
    file.position(16);
    long count = file.getLong();
    Map<String, Object> values = new HashMap<>();
    for (long i = 0; i < count; i++) {
      String key = new String(string(), StandardCharsets.UTF_8);
      values.put(key, value(file.getInt()));
    }
    return values;
  }

  private byte[] string() {
    byte[] bytes = new byte[Math.toIntExact(file.getLong())];
    file.get(bytes);
    return bytes;
  }

  private Object value(int type) {
    return switch (type) {
      case 6 -> (double) file.getFloat();
      case 12 -> file.getDouble();
      case 7 -> file.get() != 0;
      case 8 -> new String(string(), StandardCharsets.UTF_8);
      case 9 -> array(file.getInt(), Math.toIntExact(file.getLong()));
      default -> integer(type);
    };
  }

  private long integer(int type) {
    return switch (type) {
      case 0 -> file.get() & 0xFF;
      case 1 -> file.get();
      case 2 -> file.getShort() & 0xFFFF;
      case 3 -> file.getShort();
      case 4 -> file.getInt() & 0xFFFFFFFFL;
      case 5 -> file.getInt();
      case 10, 11 -> file.getLong();
      default -> throw new IllegalArgumentException("type " + type);
    };
  }

  private Object array(int type, int length) {
    return switch (type) {
      case 0, 1 -> {
        byte[] array = new byte[length];
        file.get(array);
        yield array;
      }
      case 6, 12 -> {
        float[] array = new float[length];
        for (int i = 0; i < length; i++) {
          array[i] = type == 6 ? file.getFloat() : (float) file.getDouble();
        }
        yield array;
      }
      case 7 -> {
        boolean[] array = new boolean[length];
        for (int i = 0; i < length; i++) {
          array[i] = file.get() != 0;
        }
        yield array;
      }
      case 8 -> {
        byte[][] array = new byte[length][];
        for (int i = 0; i < length; i++) {
          array[i] = string();
        }
        yield new Utf8List() {
          @Override
          public byte[] utf8(int index) {
            return array[index].clone();
          }

          @Override
          public int size() {
            return array.length;
          }
        };
      }
      default -> {
        long[] array = new long[length];
        for (int i = 0; i < length; i++) {
          array[i] = integer(type);
        }
        yield array;
      }
    };
  }
}
