package dev.inferno.observe;

/// A read-only look at a tensor of the running computation, of rank 1 to 4. Borrowed: valid until
/// the callback that received it returns, after which every access throws {@link
/// IllegalStateException}; {@link #copy} what must last. Reading from another thread is safe for
/// memory, the contents are then unspecified.
public interface TensorView {

  /// The wire name, such as `blocks.3.hook_resid_post`.
  String name();

  /// The sizes of the axes, a fresh copy.
  int[] shape();

  /// The value at an index of one axis; for a view of rank 1.
  ///
  /// @throws IndexOutOfBoundsException if the index or the number of indices does not fit the shape
  float get(int i);

  /// The value at two indices; for a view of rank 2.
  float get(int i, int j);

  /// The value at three indices; for a view of rank 3.
  float get(int i, int j, int k);

  /// The value at four indices; for a view of rank 4.
  float get(int i, int j, int k, int l);

  /// Copies one row, a run along the last axis, to the front of `target`. Rows are counted over all
  /// other axes in order.
  ///
  /// @throws IllegalArgumentException if the target is shorter than a row
  void copyRow(int row, float[] target);

  /// All values in row-major order, a fresh array that outlives the view.
  float[] copy();

  /// The square root of the sum of all squares.
  default double norm() {
    double sum = 0;
    for (float value : copy()) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }
}
