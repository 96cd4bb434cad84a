package dev.inferno.benchmarks;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.kernels.Arrangement;
import dev.inferno.internal.kernels.BlockSource;
import dev.inferno.internal.kernels.KernelSets;
import dev.inferno.internal.kernels.Weight;
import dev.inferno.internal.kernels.Weights;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// The shape of a weight, written `ROWSxCOLUMNS`.
record Shape(int rows, int columns) {

  /// Reads a shape; the columns are rounded up to whole blocks, so that formats with blocks of 256
  /// have their turn at the shapes of a small model too.
  static Shape parse(String text, GgmlType type) {
    String[] sizes = text.split("x", -1);
    if (sizes.length != 2) {
      throw new IllegalArgumentException("a shape must be ROWSxCOLUMNS, but is '" + text + "'");
    }
    int columns = Integer.parseInt(sizes[1]);
    int blocks = Math.ceilDiv(columns, type.blockSize());
    return new Shape(Integer.parseInt(sizes[0]), blocks * type.blockSize());
  }

  long weights() {
    return (long) rows * columns;
  }

  /// A random weight of this shape, off the heap as if it were mapped.
  Weight random(GgmlType type, Arrangement arrangement) {
    byte[] blocks = RandomNumbers.seeded(1).blocks(type, weights());
    MemorySegment data = Arena.ofAuto().allocate(blocks.length, 64);
    data.copyFrom(MemorySegment.ofArray(blocks));
    BlockSource source = BlockSource.of(data, Arena.ofAuto());
    return Weights.of("random", type, rows, columns, arrangement, source, KernelSets.best());
  }
}
