package dev.inferno.internal.kernels;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One or several matrices, one above the other, cut into slices that the team shares.
final class BlockWeight implements Weight {
  /// About how many weights a slice of the decode class has: some microseconds of work.
  private static final int SLICE_WEIGHTS = 32_768;

  /// Rows per slice are a multiple of this: two groups of lanes, and two cache lines, so that two
  /// threads do not write to one.
  private static final int LINE = 32;

  /// With so many slices for each thread they are whole turns of lanes, see {@link LaneLayout};
  /// with fewer, some threads would wait for the others.
  private static final int MANY_SLICES = 8;

  /// Some rows of one of the matrices.
  ///
  /// @param outAt where the results of the matrix's row 0 go in a row of results
  private record Slice(Layout matrix, int from, int to, int outAt) {}

  private final List<Layout> matrices;
  private final Kernels kernels;
  private final int rows;
  private final int columns;
  private final Slice[] shortSlices;
  private final Slice[] longSlices;
  private final boolean summed; // whether some matrix needs sums of x
  private final int[] laneBits; // for which lanes x is arranged
  private final boolean rounded; // whether some matrix needs x rounded

  private BlockWeight(
      List<Layout> matrices,
      Kernels kernels,
      int rows,
      int columns,
      Slice[] shortSlices,
      Slice[] longSlices) {
    this.matrices = matrices;
    this.kernels = kernels;
    this.rows = rows;
    this.columns = columns;
    this.shortSlices = shortSlices;
    this.longSlices = longSlices;
    List<LaneFormat> exact = lanes(matrices, false);
    this.summed = exact.stream().anyMatch(LaneFormat::hasOffsets);
    this.laneBits = exact.stream().mapToInt(each -> each.bits).distinct().toArray();
    this.rounded = !lanes(matrices, true).isEmpty();
  }

  static BlockWeight of(List<Layout> matrices, Kernels kernels) {
    int rows = 0;
    for (Layout matrix : matrices) {
      rows = Math.addExact(rows, matrix.rows());
    }
    int columns = matrices.getFirst().columns();
    int many = MANY_SLICES * LaneLayout.TURN * Team.shared().size();
    boolean inTurns = rows >= many && matrices.stream().anyMatch(LaneLayout.class::isInstance);
    int line = inTurns ? LaneLayout.TURN : LINE;
    int rowsPerSlice = Math.max(1, (SLICE_WEIGHTS / columns + line / 2) / line) * line;
    return new BlockWeight(
        List.copyOf(matrices),
        kernels,
        rows,
        columns,
        slices(matrices, rowsPerSlice),
        slices(matrices, Layout.PANEL));
  }

  private static Slice[] slices(List<Layout> matrices, int rowsPerSlice) {
    List<Slice> slices = new ArrayList<>();
    int outAt = 0;
    for (Layout matrix : matrices) {
      for (int from = 0; from < matrix.rows(); from += rowsPerSlice) {
        int to = Math.min(matrix.rows(), from + rowsPerSlice);
        slices.add(new Slice(matrix, from, to, outAt));
      }
      outAt += matrix.rows();
    }
    return slices.toArray(Slice[]::new);
  }

  /// The formats of the matrices in lanes, of those that take rounded x or of the others.
  private static List<LaneFormat> lanes(List<Layout> matrices, boolean rounded) {
    return matrices.stream()
        .filter(LaneLayout.class::isInstance)
        .map(LaneLayout.class::cast)
        .filter(each -> each.rounded() == rounded)
        .map(LaneLayout::lanes)
        .toList();
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  List<Layout> matrices() {
    return matrices;
  }

  Kernels kernels() {
    return kernels;
  }

  @Override
  public void multiply(Rows x, Rows out) {
    if (x.width() != columns || out.width() != rows) {
      throw new IllegalArgumentException(
          "a matrix of %d rows and %d columns cannot turn rows of %d into rows of %d"
              .formatted(rows, columns, x.width(), out.width()));
    }
    out.resize(x.rows(), x.longRows());
    int longTasks = x.longRows() > 0 ? longSlices.length : 0;
    int shortTasks = x.longRows() < x.rows() ? shortSlices.length : 0;
    if (summed && shortTasks > 0) {
      x.sumUp();
    }
    for (int i = 0; shortTasks > 0 && i < laneBits.length; i++) {
      x.arrange(laneBits[i]);
    }
    if (rounded && shortTasks > 0) {
      x.round(kernels.lanes());
    }
    Product product = Scratch.ofThisThread().product();
    product.set(this, x, out, longTasks);
    try {
      if (longTasks > 0) {
        x.tiles().resize(x.longRows(), columns, kernels);
        Team.shared().run(x.threads(), x.tiles().count(), product.arranging);
      }
      Team.shared().run(x.threads(), longTasks + shortTasks, product);
    } finally {
      product.set(null, null, null, 0); // a thread that computes no more shall hold nothing
    }
  }

  private void multiplyShort(int slice, Rows x, Rows out) {
    Slice s = shortSlices[slice];
    s.matrix.multiplyShort(s.from, s.to, x, out, s.outAt, kernels, Scratch.ofThisThread());
  }

  private void multiplyLong(int slice, Rows x, Rows out) {
    Slice s = longSlices[slice];
    s.matrix.multiplyLong(s.from, s.to, x.tiles(), out, s.outAt, kernels, Scratch.ofThisThread());
  }

  @Override
  public void gather(int[] ids, int count, Rows out) {
    if (out.width() != columns || out.rows() != count) {
      throw new IllegalArgumentException(
          "%d rows of %d columns do not fit %d rows of %d"
              .formatted(count, columns, out.rows(), out.width()));
    }
    for (int i = 0; i < count; i++) {
      int id = ids[i];
      if (id < 0 || id >= rows) {
        throw new IllegalArgumentException(
            "id %d is out of range: there are %d rows".formatted(id, rows));
      }
      int m = 0;
      while (id >= matrices.get(m).rows()) {
        id -= matrices.get(m).rows();
        m++;
      }
      matrices.get(m).decode(id, out.data(), i * columns);
    }
  }

  /// The tasks of one product; each thread has one, since a new object for each product would be
  /// garbage.
  static final class Product implements Team.Tasks {
    /// Arranges a tile of x.
    private final Team.Tasks arranging = this::arrange;

    private @Nullable BlockWeight weight;
    private @Nullable Rows x;
    private @Nullable Rows out;
    private int longTasks;

    private void set(
        @Nullable BlockWeight weight, @Nullable Rows x, @Nullable Rows out, int longTasks) {
      this.weight = weight;
      this.x = x;
      this.out = out;
      this.longTasks = longTasks;
    }

    private void arrange(int tile) {
      Rows x = this.x;
      if (x == null) {
        throw new IllegalStateException("the product has not been set up");
      }
      x.tiles().arrange(x.data(), tile);
    }

    @Override
    public void run(int task) {
      BlockWeight weight = this.weight;
      Rows x = this.x;
      Rows out = this.out;
      if (weight == null || x == null || out == null) {
        throw new IllegalStateException("the product has not been set up");
      }
      if (task < longTasks) {
        weight.multiplyLong(task, x, out);
      } else {
        weight.multiplyShort(task - longTasks, x, out);
      }
    }
  }
}
