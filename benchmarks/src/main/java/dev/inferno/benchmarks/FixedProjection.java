package dev.inferno.benchmarks;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;

/// Stands for a matrix where its product is not to be measured: the results are always the same.
final class FixedProjection implements Weight {
  private final int rows;
  private final int columns;
  private final float[] results;

  /// A stand-in for a matrix of this shape.
  ///
  /// @param results those of the first rows, one after the other; beyond them, whatever is there
  ///   stays
  FixedProjection(int rows, int columns, float[] results) {
    this.rows = rows;
    this.columns = columns;
    this.results = results;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  @Override
  public void multiply(Rows x, Rows out) {
    out.resize(x.rows(), x.longRows());
    int known = Math.min(results.length, x.rows() * rows);
    System.arraycopy(results, 0, out.data(), 0, known);
  }

  @Override
  public void gather(int[] ids, int count, Rows out) {
    throw new UnsupportedOperationException("it stands for a projection, which gathers nothing");
  }
}
