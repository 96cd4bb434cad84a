package dev.inferno.testing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.internal.safetensors.MappedSafetensors;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/// A model's folder with something changed: keys of its config, tensors left out, renamed or of
/// another type, in one file or several.
public final class FolderVariant {
  private final ObjectNode config;
  private Map<String, Tensor> tensors = new LinkedHashMap<>();

  private record Tensor(String type, List<Long> shape, ByteBuffer data) {
    /// Its bytes from the first to the last, in the order of the file.
    ByteBuffer bytes() {
      return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
  }

  private FolderVariant(ObjectNode config) {
    this.config = config;
  }

  /// A variant of this folder, nothing changed yet.
  public static FolderVariant of(Path folder) throws IOException {
    var variant = new FolderVariant((ObjectNode) Json.read(folder.resolve("config.json")));
    variant.read(folder.resolve("model.safetensors"));
    return variant;
  }

  /// A variant of a file of tensors alone, nothing changed yet.
  public static FolderVariant ofTensors(Path path) throws IOException {
    var variant = new FolderVariant(object());
    variant.read(path);
    return variant;
  }

  /// An empty one, from there since it makes this module read its library.
  private static ObjectNode object() {
    return (ObjectNode) Json.parse("{}");
  }

  private void read(Path path) throws IOException {
    try (MappedSafetensors file = MappedSafetensors.open(path)) {
      file.tensors()
          .forEach((name, tensor) -> {
            ByteBuffer data = ByteBuffer.wrap(file.data(tensor).toArray(ValueLayout.JAVA_BYTE));
            tensors.put(name, new Tensor(tensor.type().name(), tensor.shape(), data));
          });
    }
  }

  /// Sets a key of the config to a JSON value.
  public FolderVariant set(String key, String json) {
    config.set(key, Json.parse(json));
    return this;
  }

  /// Leaves out a key of the config.
  public FolderVariant withoutKey(String key) {
    config.remove(key);
    return this;
  }

  /// Leaves out a tensor.
  public FolderVariant withoutTensor(String name) {
    tensors.remove(name);
    return this;
  }

  /// Leaves out all tensors but these.
  public FolderVariant only(String... names) {
    tensors.keySet().retainAll(List.of(names));
    return this;
  }

  /// Gives a tensor another type and shape, filled with zeros; or adds one.
  public FolderVariant tensor(String name, String type, int bytes, Long... shape) {
    tensors.put(name, new Tensor(type, List.of(shape), ByteBuffer.allocate(bytes)));
    return this;
  }

  /// Gives all tensors other names.
  public FolderVariant renamed(UnaryOperator<String> names) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> renamed.put(names.apply(name), tensor));
    tensors = renamed;
    return this;
  }

  /// Writes all numbers in another type: F64, F16, BF16 or F8_E5M2, whose lost bits are cut off, or
  /// sixteenths as integers.
  public FolderVariant as(String type) {
    tensors.replaceAll((name, tensor) -> {
      ByteBuffer from = tensor.bytes();
      var to = ByteBuffer.allocate(2 * from.capacity()).order(ByteOrder.LITTLE_ENDIAN);
      while (from.hasRemaining()) {
        float value = from.getFloat();
        switch (type) {
          case "F64" -> to.putDouble(value);
          case "F16" -> to.putShort(Float.floatToFloat16(value));
          case "BF16" -> to.putShort((short) (Float.floatToRawIntBits(value) >> 16));
          case "F8_E5M2" -> to.put((byte) (Float.floatToFloat16(value) >> 8));
          case "I8" -> to.put((byte) (16 * value));
          case "I16" -> to.putShort((short) (16 * value));
          case "I32" -> to.putInt((int) (16 * value));
          case "I64" -> to.putLong((long) (16 * value));
          default -> throw new IllegalArgumentException(type);
        }
      }
      return new Tensor(type, tensor.shape(), to.flip());
    });
    return this;
  }

  /// Writes the numbers of all tensors, of whatever type, as F32.
  public FolderVariant asFloats() {
    try (MappedSafetensors file = MappedSafetensors.of(file(tensors), "numbers")) {
      tensors.replaceAll((name, tensor) -> {
        float[] values = file.floats(file.tensor(name).orElseThrow());
        var floats =
            ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        floats.asFloatBuffer().put(values);
        return new Tensor("F32", tensor.shape(), floats);
      });
    }
    return this;
  }

  /// Writes it with one file of tensors.
  public Path write(Path folder) throws IOException {
    writeConfig(folder);
    Files.write(folder.resolve("model.safetensors"), file(tensors));
    return folder;
  }

  /// Writes its tensors alone.
  public void writeTensors(Path path) throws IOException {
    Files.write(path, file(tensors));
  }

  /// Writes it with the tensors dealt out to so many files.
  public Path write(Path folder, int files) throws IOException {
    writeConfig(folder);
    List<Map<String, Tensor>> shards = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      shards.add(new LinkedHashMap<>());
    }
    ObjectNode index = object();
    index.putObject("metadata").put("total_size", 0);
    ObjectNode weightMap = index.putObject("weight_map");
    int next = 0;
    for (Map.Entry<String, Tensor> tensor : tensors.entrySet()) {
      int shard = next++ % files;
      shards.get(shard).put(tensor.getKey(), tensor.getValue());
      weightMap.put(tensor.getKey(), shardName(shard, files));
    }
    for (int i = 0; i < files; i++) {
      Files.write(folder.resolve(shardName(i, files)), file(shards.get(i)));
    }
    Files.writeString(folder.resolve("model.safetensors.index.json"), index.toString());
    return folder;
  }

  private static String shardName(int shard, int files) {
    return "model-%05d-of-%05d.safetensors".formatted(shard + 1, files);
  }

  private void writeConfig(Path folder) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), config.toString());
  }

  /// The header is not padded, so that the data is hardly ever aligned.
  private static byte[] file(Map<String, Tensor> tensors) {
    ObjectNode header = object();
    int size = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode row = header.putObject(entry.getKey());
      row.put("dtype", tensor.type());
      ArrayNode shape = row.putArray("shape");
      tensor.shape().forEach(shape::add);
      row.putArray("data_offsets").add(size).add(size + tensor.bytes().remaining());
      size += tensor.bytes().remaining();
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    if (json.length % 2 == 0) {
      json = (header + " ").getBytes(StandardCharsets.UTF_8);
    }
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + json.length + size).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    tensors.values().forEach(tensor -> file.put(tensor.bytes()));
    return file.array();
  }
}
