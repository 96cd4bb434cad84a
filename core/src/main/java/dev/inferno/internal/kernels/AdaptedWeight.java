package dev.inferno.internal.kernels;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// A matrix with low-rank products beside it, `W x + scale B (A x)` for each of them: what adapters
/// of fine-tuned models are (LoRA, <https://arxiv.org/abs/2106.09685>). Thread-safe; products use
/// each other's buffers.
final class AdaptedWeight implements Weight {
  private final BlockWeight base;
  private final List<LowRank> products;

  /// A product beside the matrix.
  ///
  /// @param at the first of the rows of the matrix that it adds to
  /// @param down A, `[rank, columns]`
  /// @param up B, `[rows, rank]`
  record LowRank(int at, Weight down, Weight up, float scale, Buffers buffers) {
    LowRank(Weight down, Weight up, float scale) {
      this(0, down, up, scale, new Buffers());
    }

    LowRank shifted(int rows) {
      return new LowRank(at + rows, down, up, scale, buffers);
    }
  }

  /// What a product is computed in.
  private record Buffer(Rows inner, Rows outer) {}

  /// The buffers that no product uses just now.
  private static final class Buffers {
    private final ArrayDeque<Buffer> idle = new ArrayDeque<>();

    synchronized Buffer take(int rank, int rows) {
      Buffer buffer = idle.pollLast();
      return buffer == null ? new Buffer(new Rows(1, rank), new Rows(1, rows)) : buffer;
    }

    synchronized void giveBack(Buffer buffer) {
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
      Buffer buffer = product.buffers().take(product.down().rows(), product.up().rows());
      try {
        add(product, x, buffer, out);
      } finally {
        product.buffers().giveBack(buffer);
      }
    }
  }

  private static void add(LowRank product, Rows x, Buffer buffer, Rows out) {
    Rows inner = buffer.inner().resize(x.rows(), x.longRows()).threads(x.threads());
    product.down().multiply(x, inner);
    Rows outer = buffer.outer().resize(x.rows(), x.longRows()).threads(x.threads());
    product.up().multiply(inner, outer);
    float[] from = outer.data();
    float[] to = out.data();
    for (int row = 0; row < x.rows(); row++) {
      int at = row * out.width() + product.at();
      for (int i = 0; i < outer.width(); i++) {
        to[at + i] += product.scale() * from[row * outer.width() + i];
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
      var up = new Rows(1, rank);
      for (int row = 0; row < count; row++) {
        int id = ids[row] - product.at();
        if (id >= 0 && id < product.up().rows()) {
          product.up().gather(new int[] {id}, 1, up.resize(1, 0));
          for (int k = 0; k < rank; k++) {
            float factor = product.scale() * up.data()[k];
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
