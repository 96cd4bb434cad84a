package dev.inferno.internal.models;

import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufFile;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.kernels.Weights;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A LoRA adapter as llama.cpp's converter writes it: a GGUF file in which `NAME.lora_a` and
/// `NAME.lora_b` are a low-rank change of the matrix `NAME`. For one model that is being read.
public final class Adapter {
  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final String A = ".lora_a";
  private static final String B = ".lora_b";

  private final String name;
  private final String architecture;
  private final double alpha;
  private final float scale;
  private final Map<String, Pair> pairs;
  private final Set<String> taken = new HashSet<>();

  /// The two factors of a change.
  private record Pair(Factor down, Factor up) {}

  /// A factor, in single precision.
  private record Factor(TensorInfo info, MemorySegment data) {
    int columns() {
      return Math.toIntExact(info.dimensions().getFirst());
    }

    int rows() {
      return Math.toIntExact(info.dimensions().getLast());
    }

    Weight weight(Kernels kernels) {
      return Weights.of(info.name(), GgmlType.F32, rows(), columns(), data, kernels);
    }
  }

  private Adapter(
      String name, String architecture, double alpha, float scale, Map<String, Pair> pairs) {
    this.name = name;
    this.architecture = architecture;
    this.alpha = alpha;
    this.scale = scale;
    this.pairs = pairs;
  }

  /// Reads a file to memory.
  ///
  /// @param scale what its changes are multiplied by, besides what the file says
  /// @throws IOException if it cannot be read
  /// @throws MalformedModelException if it breaks its format
  /// @throws UnsupportedModelException if it is no such adapter
  public static Adapter read(Path path, float scale) throws IOException {
    GgufFile file = GgufFile.open(path);
    require(file, "general.type", "adapter");
    require(file, "adapter.type", "lora");
    String architecture = file.requiredString("general.architecture");
    double alpha = file.requiredReal("adapter.lora.alpha");
    Map<String, Factor> factors = new TreeMap<>();
    try (FileChannel channel = FileChannel.open(path)) {
      for (TensorInfo tensor : file.tensors()) {
        factors.put(tensor.name(), factor(file, tensor, channel));
      }
    }
    return new Adapter(file.name(), architecture, alpha, scale, pairs(file, factors));
  }

  private static void require(GgufFile file, String key, String value) {
    String found = file.string(key).orElse("not there");
    if (!found.equals(value)) {
      throw new UnsupportedModelException(
          "%s: unsupported: %s is %s; supported as an adapter is %s"
              .formatted(file.name(), key, found, value));
    }
  }

  private static Factor factor(GgufFile file, TensorInfo tensor, FileChannel channel)
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
    MemorySegment data = Arena.ofAuto().allocate((long) Float.BYTES * values.length, 64);
    MemorySegment.copy(values, 0, data, F32, 0, values.length);
    return new Factor(tensor, data);
  }

  private static Map<String, Pair> pairs(GgufFile file, Map<String, Factor> factors) {
    Map<String, Pair> pairs = new TreeMap<>();
    factors.forEach((name, factor) -> {
      String base = name.substring(0, name.length() - A.length());
      Factor down = factors.get(base + A);
      Factor up = factors.get(base + B);
      if (down == null || up == null) {
        throw new MalformedModelException(
            "%s: malformed: there is '%s', but no '%s'"
                .formatted(file.name(), name, base + (down == null ? A : B)));
      }
      if (down.rows() != up.columns()) {
        throw new MalformedModelException(
            "%s: malformed: '%s' has rank %d, but '%s' has %d"
                .formatted(file.name(), base + A, down.rows(), base + B, up.columns()));
      }
      pairs.put(base, new Pair(down, up));
    });
    return pairs;
  }

  /// Refuses a model of another architecture.
  void requireFits(String model, String ofModel) {
    if (!architecture.equals(ofModel)) {
      throw new MalformedModelException(
          "%s: malformed: it adapts models of the architecture '%s', but %s is '%s'"
              .formatted(name, architecture, model, ofModel));
    }
  }

  /// A matrix of the model with the change to it, if there is one.
  Weight adapted(String tensor, Weight weight, Kernels kernels) {
    Pair pair = pairs.get(tensor);
    if (pair == null) {
      return weight;
    }
    if (pair.down().columns() != weight.columns() || pair.up().rows() != weight.rows()) {
      throw new MalformedModelException(
          "%s: malformed: its change of '%s' is %d x %d, but the matrix is %d x %d"
              .formatted(
                  name,
                  tensor,
                  pair.up().rows(),
                  pair.down().columns(),
                  weight.rows(),
                  weight.columns()));
    }
    taken.add(tensor);
    double factor = alpha == 0 ? scale : scale * alpha / pair.down().rows(); // as llama.cpp has it
    return Weights.adapted(
        weight, pair.down().weight(kernels), pair.up().weight(kernels), (float) factor);
  }

  /// Refuses changes of what is no matrix of the model that can be changed.
  void requireAllTaken() {
    List<String> left = pairs.keySet().stream().filter(each -> !taken.contains(each)).toList();
    if (!left.isEmpty()) {
      throw new UnsupportedModelException(
          "%s: unsupported: it changes %s; supported are matrices of the model that every token is multiplied by"
              .formatted(name, left));
    }
  }

  /// The bytes that tell this adapter from others.
  public List<ByteBuffer> identity() {
    return pairs.entrySet().stream()
        .flatMap(pair ->
            List.of(
                ByteBuffer.wrap(
                    "%s %s %s"
                        .formatted(pair.getKey(), alpha, scale)
                        .getBytes(StandardCharsets.UTF_8)),
                pair.getValue().down().data().asByteBuffer(),
                pair.getValue().up().data().asByteBuffer())
                .stream())
        .toList();
  }
}
