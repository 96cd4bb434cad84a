package dev.inferno.internal.models;

import dev.inferno.format.GgufFile;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// A LoRA adapter as llama.cpp's converter writes it: a GGUF file in which `NAME.lora_a` and
/// `NAME.lora_b` are a low-rank change of the matrix `NAME`.
public final class GgufAdapter {
  private static final String A = ".lora_a";
  private static final String B = ".lora_b";

  private GgufAdapter() {}

  /// Reads a file to memory.
  ///
  /// @param scale what its changes are multiplied by, besides what the file says
  /// @param base the model that is to be changed
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks its format, or is for another architecture
  /// @throws UnsupportedModelException if it is no such adapter
  public static Adapter read(Path path, float scale, ModelFile base) throws IOException {
    GgufFile file = GgufFile.open(path);
    require(file, "general.type", "adapter");
    require(file, "adapter.type", "lora");
    requireFits(file, base);
    double alpha = file.requiredReal("adapter.lora.alpha");
    Map<String, Adapter.Factor> factors = new TreeMap<>();
    try (FileChannel channel = FileChannel.open(path)) {
      for (TensorInfo tensor : file.tensors()) {
        factors.put(tensor.name(), factor(file, tensor, channel));
      }
    }
    return new Adapter(file.name(), scale, changes(file, factors, alpha));
  }

  private static void require(GgufFile file, String key, String value) {
    String found = file.string(key).orElse("not there");
    if (!found.equals(value)) {
      throw new UnsupportedModelException(
          "%s: unsupported: %s is %s; supported as an adapter is %s"
              .formatted(file.name(), key, found, value));
    }
  }

  private static void requireFits(GgufFile file, ModelFile base) {
    String architecture = file.requiredString("general.architecture");
    String ofModel = base.requiredString("general.architecture");
    if (!architecture.equals(ofModel)) {
      throw new MalformedModelException(
          "%s: malformed: it adapts models of the architecture '%s', but %s is '%s'"
              .formatted(file.name(), architecture, base.name(), ofModel));
    }
  }

  private static Adapter.Factor factor(GgufFile file, TensorInfo tensor, FileChannel channel)
      throws IOException {
    String name = tensor.name();
    BlockFormat format =
        BlockFormats.of(tensor.type())
            .orElseThrow(() ->
                new UnsupportedModelException(
                    "%s: unsupported: tensor '%s' is %s; supported are F32, F16 and BF16"
                        .formatted(file.name(), name, tensor.type())));
    if (!name.endsWith(A) && !name.endsWith(B)) {
      throw new UnsupportedModelException(
          "%s: unsupported: tensor '%s'; supported in an adapter are NAME.lora_a and NAME.lora_b"
              .formatted(file.name(), name));
    }
    if (tensor.dimensions().size() != 2 || tensor.elements() > Integer.MAX_VALUE / Float.BYTES) {
      throw new UnsupportedModelException(
          "%s: unsupported: tensor '%s' has the dimensions %s; supported in an adapter are matrices"
              .formatted(file.name(), name, tensor.dimensions()));
    }
    ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(tensor.sizeBytes()));
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, tensor.offset() + bytes.position()) < 0) {
        throw new EOFException("%s ends in the middle of its data".formatted(file.name()));
      }
    }
    var values = new float[(int) tensor.elements()];
    format.decode(MemorySegment.ofArray(bytes.array()), 0, values, 0, values.length);
    int columns = Math.toIntExact(tensor.dimensions().getFirst());
    int rows = Math.toIntExact(tensor.dimensions().getLast());
    return Adapter.Factor.of(name, rows, columns, values);
  }

  private static Map<String, Adapter.Change> changes(
      GgufFile file, Map<String, Adapter.Factor> factors, double alpha) {
    Map<String, Adapter.Change> changes = new TreeMap<>();
    for (String name : factors.keySet()) {
      String base = name.substring(0, name.length() - A.length());
      Adapter.Factor down = factors.get(base + A);
      Adapter.Factor up = factors.get(base + B);
      if (down == null || up == null) {
        throw new MalformedModelException(
            "%s: malformed: there is '%s', but no '%s'"
                .formatted(file.name(), name, base + (down == null ? A : B)));
      }
      double strength = alpha == 0 ? 1 : alpha / down.rows(); // as llama.cpp has it
      changes.put(base, Adapter.change(file.name(), base, down, up, strength));
    }
    return changes;
  }
}
