package dev.inferno.internal.kernels;

/// A matrix of a model, `[rows, columns]`, whose number format nobody else sees. Immutable and
/// thread-safe.
public interface Weight {

  /// The length of the result of a product.
  int rows();

  /// The length of the vectors it multiplies.
  int columns();

  /// `out[i] = this * x[i]` for every row i of `x`; `x` is `[n, columns]`, `out` becomes `[n,
  /// rows]` of the same classes.
  void multiply(Rows x, Rows out);

  /// `out[i]` = row `ids[i]` of this matrix, decoded; `out` has `count` rows of `columns` floats.
  void gather(int[] ids, int count, Rows out);
}
