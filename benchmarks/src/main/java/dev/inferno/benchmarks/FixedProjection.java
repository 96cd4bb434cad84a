package dev.inferno.benchmarks;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Weight;

/// Stands for a matrix where its product is not to be measured: the results are always the same.
///
/// @param results those of the first rows, one row after the other; where there are none, whatever
///   is there stays
record FixedProjection(int rows, int columns, float[] results) implements Weight {

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
