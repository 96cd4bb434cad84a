package dev.inferno.internal.kernels;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// A matrix with low-rank products beside it, `W x + scale B (A x)` for each of them: what adapters
/// of fine-tuned models are (LoRA, <https://arxiv.org/abs/2106.09685>). Thread-safe; a product
/// allocates only until there are as many buffers as products at once.
final class AdaptedWeight implements Weight {
  private final BlockWeight base;
  private final List<LowRank> products;

  /// A product beside the matrix.
  ///
  /// @param at the first of the rows of the matrix that it adds to
  /// @param down A, `[rank, columns]`
  /// @param up B, `[rows, rank]`
  record LowRank(int at, Weight down, Columns up, float scale, Buffers buffers) {
    LowRank(Weight down, Weight up, float scale) {
      this(0, down, Columns.of(up), scale, new Buffers());
    }

    LowRank shifted(int rows) {
      return new LowRank(at + rows, down, up, scale, buffers);
    }
  }

  /// The columns of a matrix of few columns, one behind the other: it is multiplied by adding them.
  private static final class Columns {
    private final float[] values; // [columns, rows]
    private final int rows;

    private Columns(float[] values, int rows) {
      this.values = values;
      this.rows = rows;
    }

    static Columns of(Weight matrix) {
      int rows = matrix.rows();
      int columns = matrix.columns();
      var all = new Rows(1, columns).resize(rows, 0);
      matrix.gather(IntStream.range(0, rows).toArray(), rows, all);
      float[] values = new float[rows * columns];
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column++) {
          values[column * rows + row] = all.data()[row * columns + column];
        }
      }
      return new Columns(values, rows);
    }

    /// Adds a multiple of a column to `out[at]` and what follows.
    void add(int column, float factor, float[] out, int at) {
      int from = column * rows;
      for (int i = 0; i < rows; i++) {
        out[at + i] += factor * values[from + i];
      }
    }
  }

  /// The buffers that no product uses just now.
  private static final class Buffers {
    private final ArrayDeque<Rows> idle = new ArrayDeque<>();

    synchronized Rows take(int rank) {
      Rows buffer = idle.pollLast();
      return buffer == null ? new Rows(1, rank) : buffer;
    }

    synchronized void giveBack(Rows buffer) {
      idle.addLast(buffer);
    }
  }

  AdaptedWeight(BlockWeight base, List<LowRank> products) {
    this.base = base;
    this.products = List.copyOf(products);
  }

  BlockWeight base() {
    return base;
  }

  List<LowRank> products() {
    return products;
  }

  /// With one more product.
  AdaptedWeight and(LowRank product) {
    List<LowRank> more = new ArrayList<>(products);
    more.add(product);
    return new AdaptedWeight(base, more);
  }

  @Override
  public int rows() {
    return base.rows();
  }

  @Override
  public int columns() {
    return base.columns();
  }

  @Override
  public void multiply(Rows x, Rows out) {
    base.multiply(x, out);
    for (int i = 0; i < products.size(); i++) {
      LowRank product = products.get(i);
      Rows buffer = product.buffers().take(product.down().rows());
      try {
        add(product, x, buffer, out);
      } finally {
        product.buffers().giveBack(buffer);
      }
    }
  }

  private static void add(LowRank product, Rows x, Rows inner, Rows out) {
    inner.resize(x.rows(), x.longRows()).threads(x.threads());
    product.down().multiply(x, inner);
    for (int row = 0; row < x.rows(); row++) {
      for (int k = 0; k < inner.width(); k++) {
        float factor = product.scale() * inner.data()[row * inner.width() + k];
        product.up().add(k, factor, out.data(), row * out.width() + product.at());
      }
    }
  }

  @Override
  public void gather(int[] ids, int count, Rows out) {
    base.gather(ids, count, out);
    for (LowRank product : products) {
      int rank = product.down().rows();
      var down = new Rows(rank, columns());
      int[] all = new int[rank];
      for (int i = 0; i < rank; i++) {
        all[i] = i;
      }
      product.down().gather(all, rank, down.resize(rank, 0));
      for (int row = 0; row < count; row++) {
        int id = ids[row] - product.at();
        if (id >= 0 && id < product.up().rows) {
          for (int k = 0; k < rank; k++) {
            float factor = product.scale() * product.up().values[k * product.up().rows + id];
            for (int column = 0; column < columns(); column++) {
              out.data()[row * out.width() + column] +=
                  factor * down.data()[k * columns() + column];
            }
          }
        }
      }
    }
  }
}
