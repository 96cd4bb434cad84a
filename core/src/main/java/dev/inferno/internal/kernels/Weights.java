package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.internal.quant.BlockFormat;
import dev.inferno.internal.quant.BlockFormats;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Makes weights from what a model file holds. Thread-safe.
public final class Weights {
  private Weights() {}

  /// A matrix straight from a file's blocks, which are neither copied nor changed.
  ///
  /// @param name the tensor's name, for messages
  /// @param rows the length of its results
  /// @param columns the length of its rows, the tensor's first dimension
  /// @param data its blocks, row after row; accessible from every thread, for as long as the weight
  ///   is used
  /// @throws UnsupportedModelException if nothing can be computed with this type
  /// @throws IllegalArgumentException if sizes do not fit each other
  public static Weight of(
      String name, GgmlType type, long rows, long columns, MemorySegment data, Kernels kernels) {
    BlockFormat format = requireFit(name, type, rows, columns, data.byteSize());
    return inBlocks(format, (int) rows, (int) columns, data, kernels);
  }

  /// The same matrix, rearranged if that is wanted and there is a {@link LaneFormat} of its type.
  /// Blocks with scales that are not finite stay as they are, since `d (q - c)` cannot be computed
  /// as `d q
  /// - d c` then.
  ///
  /// @param blocks its blocks, row after row
  /// @throws UnsupportedModelException if nothing can be computed with this type
  /// @throws IllegalArgumentException if sizes do not fit each other
  public static Weight of(
      String name,
      GgmlType type,
      long rows,
      long columns,
      Arrangement arrangement,
      BlockSource blocks,
      Kernels kernels) {
    BlockFormat format = requireFit(name, type, rows, columns, blocks.byteSize());
    boolean rounded = arrangement == Arrangement.ROUNDED;
    return Optional.of(type)
        .filter(each -> arrangement != Arrangement.IN_FILE)
        .flatMap(LaneFormat::of)
        .flatMap(lanes ->
            LaneLayout.pack(
                format, lanes, rounded && lanes.bits < 8, blocks, (int) rows, (int) columns))
        .<Weight>map(layout -> BlockWeight.of(List.of(layout), kernels))
        .orElseGet(() -> inBlocks(format, (int) rows, (int) columns, blocks.keep(), kernels));
  }

  private static BlockWeight inBlocks(
      BlockFormat format, int rows, int columns, MemorySegment data, Kernels kernels) {
    var layout = new BlockLayout(kernels.format(format), data, rows, columns);
    return BlockWeight.of(List.of(layout), kernels);
  }

  private static BlockFormat requireFit(
      String name, GgmlType type, long rows, long columns, long bytes) {
    BlockFormat format = BlockFormats.of(type).orElseThrow(() -> unsupported(name, type));
    if (rows < 1 || columns < 1 || rows > Integer.MAX_VALUE || columns > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d rows of %d columns; both must be 1 to 2^31 - 1"
              .formatted(name, rows, columns));
    }
    if (columns % type.blockSize() != 0) {
      throw new IllegalArgumentException(
          "tensor '%s' has rows of %d columns, no multiple of the %d values in a block of %s"
              .formatted(name, columns, type.blockSize(), type));
    }
    long size = type.bytes(Math.multiplyExact(rows, columns));
    if (bytes != size) {
      throw new IllegalArgumentException(
          "tensor '%s', %d rows of %d columns in %s, takes %d bytes, but has %d"
              .formatted(name, rows, columns, type, size, bytes));
    }
    return format;
  }

  /// The matrices one above the other, so that one product does for all of them: its results are
  /// theirs, one after the other. They may be of different formats.
  ///
  /// @throws IllegalArgumentException if they have not the same number of columns, or were not made
  ///   here with the same kernels
  public static Weight stack(Weight... weights) {
    List<Layout> matrices = new ArrayList<>();
    List<AdaptedWeight.LowRank> products = new ArrayList<>();
    BlockWeight first = block(weights, 0);
    int rows = 0;
    for (int i = 0; i < weights.length; i++) {
      BlockWeight weight = block(weights, i);
      if (weight.columns() != first.columns() || !weight.kernels().equals(first.kernels())) {
        throw new IllegalArgumentException(
            "weight %d of a stack has %d columns and kernels '%s', but weight 0 has %d and '%s'"
                .formatted(
                    i,
                    weight.columns(),
                    weight.kernels().name(),
                    first.columns(),
                    first.kernels().name()));
      }
      matrices.addAll(weight.matrices());
      if (weights[i] instanceof AdaptedWeight adapted) {
        for (AdaptedWeight.LowRank product : adapted.products()) {
          products.add(product.shifted(rows));
        }
      }
      rows += weight.rows();
    }
    BlockWeight stacked = BlockWeight.of(matrices, first.kernels());
    return products.isEmpty() ? stacked : new AdaptedWeight(stacked, products);
  }

  /// A matrix with a low-rank product beside it: `W x + scale B (A x)`. Of one that has some, it is
  /// one more.
  ///
  /// @param weight W, made here
  /// @param down A, with the columns of W
  /// @param up B, with the rows of W and as many columns as A has rows
  /// @throws IllegalArgumentException if sizes do not fit each other
  public static Weight adapted(Weight weight, Weight down, Weight up, float scale) {
    if (down.columns() != weight.columns()
        || up.rows() != weight.rows()
        || up.columns() != down.rows()) {
      throw new IllegalArgumentException(
          "%d x %d times %d x %d is not added to %d x %d"
              .formatted(
                  up.rows(),
                  up.columns(),
                  down.rows(),
                  down.columns(),
                  weight.rows(),
                  weight.columns()));
    }
    var product = new AdaptedWeight.LowRank(down, up, scale);
    return weight instanceof AdaptedWeight adapted
        ? adapted.and(product)
        : new AdaptedWeight(block(new Weight[] {weight}, 0), List.of(product));
  }

  private static BlockWeight block(Weight[] weights, int i) {
    if (i < weights.length && weights[i] instanceof BlockWeight weight) {
      return weight;
    }
    if (i < weights.length && weights[i] instanceof AdaptedWeight weight) {
      return weight.base();
    }
    throw new IllegalArgumentException(
        "a stack needs at least one weight, and all made by Weights");
  }

  private static UnsupportedModelException unsupported(String name, GgmlType type) {
    String supported =
        BlockFormats.all().stream()
            .map(format -> format.type().name())
            .collect(Collectors.joining(", "));
    return new UnsupportedModelException(
        "unsupported: tensor '%s' is %s; supported are %s".formatted(name, type, supported));
  }
}
