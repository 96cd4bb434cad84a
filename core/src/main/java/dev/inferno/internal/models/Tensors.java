package dev.inferno.internal.models;

import dev.inferno.format.GgmlType;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.TensorInfo;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.BlockSource;
import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.kernels.Weights;
import dev.inferno.internal.nn.Linear;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/// The tensors of a file by name, each checked for its shape and type when it is taken.
final class Tensors {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int MOST_BIASES = 1 << 28; // of all experts of a layer

  private final ModelFile file;
  private final Kernels kernels;
  private final Arrangement arrangement;
  private final LongConsumer progress; // takes the bytes of each tensor that was taken
  private final List<Adapter> adapters;
  private final CostCount cost = new CostCount();

  Tensors(ModelFile file, Kernels kernels, Arrangement arrangement, LongConsumer progress) {
    this(file, kernels, arrangement, List.of(), progress);
  }

  /// The same with changes to some matrices.
  Tensors(
      ModelFile file,
      Kernels kernels,
      Arrangement arrangement,
      List<Adapter> adapters,
      LongConsumer progress) {
    this.adapters = adapters;
    this.file = file;
    this.kernels = kernels;
    this.arrangement = arrangement;
    this.progress = progress;
  }

  /// Refuses a file that has a tensor of a type that cannot be decoded, before any is read.
  void requireDecodable() {
    file.tensors().forEach(this::format);
  }

  /// What a token costs in the tensors that were taken.
  CostCount cost() {
    return cost;
  }

  /// A matrix `[rows, columns]` that every token is multiplied by.
  Weight weight(String name, int rows, int columns) {
    cost.matrix(required(name));
    adapters.forEach(adapter -> cost.change(adapter.numbers(name)));
    return adapted(name, take(name, rows, columns, arrangement));
  }

  private Weight adapted(String name, Weight weight) {
    Weight adapted = weight;
    for (Adapter adapter : adapters) {
      adapted = adapter.adapted(name, adapted, kernels);
    }
    return adapted;
  }

  /// A table of embeddings `[rows, columns]`, of which every token reads one.
  ///
  /// @param isHeadToo whether every token is multiplied by it, too; else it stays as the file has
  ///   it
  Weight table(String name, int rows, int columns, boolean isHeadToo) {
    cost.table(required(name), rows);
    return take(name, rows, columns, isHeadToo ? arrangement : Arrangement.IN_FILE);
  }

  /// The output projection `[rows, columns]` under this name; a file that has none means a table
  /// that was taken before.
  Weight head(String name, String tableName, Weight table, int rows, int columns) {
    Optional<TensorInfo> own = file.tensor(name);
    if (own.isEmpty()) {
      cost.tiedHead(required(tableName), rows);
      return table;
    }
    cost.head(own.get());
    adapters.forEach(adapter -> cost.headChange(adapter.numbers(name)));
    return adapted(name, take(name, rows, columns, arrangement));
  }

  private Weight take(String name, int rows, int columns, Arrangement arrangement) {
    TensorInfo info = required(name);
    requireShape(info, columns, rows);
    format(info);
    BlockSource blocks = new TensorBlocks(file, info);
    Weight weight = weight(info, rows, columns, blocks, arrangement);
    progress.accept(info.sizeBytes());
    return weight;
  }

  private Weight weight(
      TensorInfo info, int rows, int columns, BlockSource blocks, Arrangement arrangement) {
    return Weights.of(info.name(), info.type(), rows, columns, arrangement, blocks, kernels);
  }

  /// The matrices `[rows, columns]` of some experts, which lie one behind the other in one tensor.
  ///
  /// @param used how many of them a token passes through
  List<Weight> experts(String name, int experts, int used, int rows, int columns) {
    TensorInfo info = required(name);
    requireShape(info, columns, rows, experts);
    format(info);
    cost.experts(info, experts, used);
    BlockSource blocks = new TensorBlocks(file, info);
    long size = info.sizeBytes() / experts; // a row is a whole number of blocks
    List<Weight> weights = new ArrayList<>();
    for (int i = 0; i < experts; i++) {
      weights.add(weight(info, rows, columns, blocks.slice(i * size, size), arrangement));
    }
    progress.accept(info.sizeBytes());
    return weights;
  }

  /// The affine maps of some experts: `NAME.weight`, see {@link #experts}, and `NAME.bias` if there
  /// is one, in which their vectors lie one behind the other.
  List<Linear> expertMaps(String name, int experts, int used, int rows, int columns) {
    List<Weight> weights = experts(name + ".weight", experts, used, rows, columns);
    Optional<float[]> biases = expertBiases(name + ".bias", experts, used, rows);
    List<Linear> maps = new ArrayList<>();
    for (int i = 0; i < experts; i++) {
      int from = i * rows;
      float[] bias =
          biases.map(all -> Arrays.copyOfRange(all, from, from + rows)).orElse(new float[0]);
      maps.add(new Linear(weights.get(i), bias, kernels));
    }
    return maps;
  }

  private Optional<float[]> expertBiases(String name, int experts, int used, int length) {
    Optional<TensorInfo> info = file.tensor(name);
    info.ifPresent(found -> {
      requireShape(found, length, experts);
      if (found.elements() > MOST_BIASES) {
        throw unsupported(
            "tensor '%s' has %d biases; supported are up to %d"
                .formatted(file.tensorName(name), found.elements(), MOST_BIASES));
      }
      cost.vector(used * length);
    });
    return info.map(found -> floats(found, experts * length));
  }

  /// A part of a matrix whose rows are, head by head, those of several parts.
  ///
  /// @param name of the matrix, `[heads * rows, columns]`
  /// @param rows how many of all parts a head has
  /// @param from the first of the part's
  /// @param to behind the last
  Linear headPart(String name, int heads, int rows, int columns, int from, int to) {
    TensorInfo info = required(name);
    requireShape(info, columns, (long) heads * rows);
    format(info);
    BlockSource blocks = new TensorBlocks(file, info);
    long rowBytes = info.type().bytes(columns);
    Weight[] parts = new Weight[heads];
    for (int head = 0; head < heads; head++) {
      long at = ((long) head * rows + from) * rowBytes;
      BlockSource slice = blocks.slice(at, (to - from) * rowBytes);
      parts[head] = weight(info, to - from, columns, slice, arrangement);
    }
    cost.part(info, to - from, rows);
    progress.accept(info.sizeBytes() / rows * (to - from));
    return new Linear(Weights.stack(parts), new float[0], kernels);
  }

  /// A matrix per head, `[heads, rows, columns]`, one above the other.
  Linear heads(String name, int heads, int rows, int columns) {
    TensorInfo info = required(name);
    requireShape(info, columns, rows, heads);
    format(info);
    cost.matrix(info);
    BlockSource blocks = new TensorBlocks(file, info);
    progress.accept(info.sizeBytes());
    return new Linear(
        weight(info, heads * rows, columns, blocks, arrangement), new float[0], kernels);
  }

  /// A matrix per head that the file has transposed, `[heads, columns, rows]`, one above the other
  /// in float32.
  Linear transposedHeads(String name, int heads, int rows, int columns) {
    TensorInfo info = required(name);
    requireShape(info, rows, columns, heads);
    BlockFormat format = format(info);
    cost.matrix(info);
    MemorySegment turned = file.allocate((long) heads * rows * columns * Float.BYTES);
    float[] line = new float[rows];
    long lineBytes = info.type().bytes(rows);
    for (int head = 0; head < heads; head++) {
      for (int column = 0; column < columns; column++) {
        long at = ((long) head * columns + column) * lineBytes;
        file.lend(info, at, lineBytes, data -> format.decode(data, 0, line, 0, rows));
        for (int row = 0; row < rows; row++) {
          long to = ((long) head * rows + row) * columns + column;
          turned.set(FLOAT, to * Float.BYTES, line[row]);
        }
      }
    }
    progress.accept(info.sizeBytes());
    Weight weight =
        Weights.of(info.name(), GgmlType.F32, (long) heads * rows, columns, turned, kernels);
    return new Linear(weight, new float[0], kernels);
  }

  /// A matrix of one row, which some files have as a vector.
  Linear row(String name, int columns) {
    TensorInfo info = required(name);
    if (info.dimensions().size() == 1) {
      requireShape(info, columns);
    } else {
      requireShape(info, columns, 1);
    }
    format(info);
    cost.matrix(info);
    progress.accept(info.sizeBytes());
    Weight weight = weight(info, 1, columns, new TensorBlocks(file, info), Arrangement.IN_FILE);
    return new Linear(weight, new float[0], kernels);
  }

  /// A vector of floats.
  float[] vector(String name, int length) {
    TensorInfo info = required(name);
    requireShape(info, length);
    cost.vector(length);
    return floats(info, length);
  }

  /// A vector of floats per head, one behind the other.
  float[] headVectors(String name, int heads, int length) {
    TensorInfo info = required(name);
    requireShape(info, length, heads);
    cost.vector(heads * length);
    return floats(info, heads * length);
  }

  private float[] floats(TensorInfo info, int length) {
    float[] values = new float[length];
    BlockFormat format = format(info);
    file.lend(info, 0, info.sizeBytes(), data -> format.decode(data, 0, values, 0, length));
    progress.accept(info.sizeBytes());
    return values;
  }

  /// A vector that may be absent.
  Optional<float[]> optionalVector(String name, int length) {
    return file.tensor(name).map(info -> vector(name, length));
  }

  /// The affine map `NAME.weight`, `[rows, columns]`, with `NAME.bias` if there is one.
  Linear linear(String name, int rows, int columns) {
    return new Linear(
        weight(name + ".weight", rows, columns),
        optionalVector(name + ".bias", rows).orElse(new float[0]),
        kernels);
  }

  /// The metadata of the file's architecture, for what only that has.
  MetadataKeys keys() {
    return new MetadataKeys(file, file.requiredString("general.architecture") + ".");
  }

  boolean has(String name) {
    return file.tensor(name).isPresent();
  }

  MalformedModelException malformed(String what) {
    return new MalformedModelException("%s: malformed: %s".formatted(file.name(), what));
  }

  UnsupportedModelException unsupported(String what) {
    return new UnsupportedModelException("%s: unsupported: %s".formatted(file.name(), what));
  }

  private TensorInfo required(String name) {
    return file.tensor(name)
        .orElseThrow(() ->
            new MalformedModelException(
                "%s: malformed: there is no tensor '%s' among %d tensors"
                    .formatted(file.name(), file.tensorName(name), file.tensors().size())));
  }

  private void requireShape(TensorInfo info, long... dimensions) {
    List<Long> expected = Arrays.stream(dimensions).boxed().toList();
    if (!info.dimensions().equals(expected)) {
      throw new MalformedModelException(
          "%s: malformed: tensor '%s' has the dimensions %s, but the metadata asks for %s"
              .formatted(file.name(), file.tensorName(info.name()), info.dimensions(), expected));
    }
  }

  private BlockFormat format(TensorInfo info) {
    return BlockFormats.of(info.type())
        .orElseThrow(() ->
            unsupported(
                "tensor '%s' is %s; supported are %s"
                    .formatted(file.tensorName(info.name()), info.type(), supported())));
  }

  private static List<GgmlType> supported() {
    return BlockFormats.all().stream().map(BlockFormat::type).toList();
  }
}
