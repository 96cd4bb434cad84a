package dev.inferno.observe;

/// A look at a tensor of the running computation through which it can be changed, of rank 2 (rows)
/// or 3 (rows and their parts, heads or chosen experts). What is set is what the model goes on
/// with. Borrowed: valid until the callback that received it returns, after which every access
/// throws {@link IllegalStateException}. For the thread of the callback.
public interface EditableTensor extends TensorView {

  /// Sets the value at two indices; for a tensor of rank 2.
  ///
  /// @throws IndexOutOfBoundsException if an index or their number does not fit the shape
  void set(int i, int j, float value);

  /// Sets the value at three indices; for a tensor of rank 3.
  ///
  /// @throws IndexOutOfBoundsException if an index or their number does not fit the shape
  void set(int i, int j, int k, float value);

  /// Sets one row, a run along the last axis, to the front of `source`. Rows are counted as in
  /// {@link #copyRow}.
  ///
  /// @throws IllegalArgumentException if the source is shorter than a row
  void setRow(int row, float[] source);
}
