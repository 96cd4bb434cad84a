package dev.inferno.internal.observe;

import java.util.Arrays;

/// What is delivered instead of the values when a plan asks for less.
final class Reductions {
  private Reductions() {}

  /// The L2 norm of each row: the last axis is gone.
  static BorrowedTensor norms(BorrowedTensor view) {
    int[] shape = view.shape();
    int last = shape[shape.length - 1];
    float[] row = new float[last];
    int rows = rows(shape);
    float[] norms = new float[rows];
    for (int r = 0; r < rows; r++) {
      view.copyRow(r, row);
      double sum = 0;
      for (float value : row) {
        sum += (double) value * value;
      }
      norms[r] = (float) Math.sqrt(sum);
    }
    return BorrowedTensor.dense(view.name(), norms, Arrays.copyOf(shape, shape.length - 1));
  }

  /// The n largest values of each row, falling, ties by lowest index; and their indices.
  static BorrowedTensor[] top(BorrowedTensor view, int n) {
    int[] shape = view.shape();
    int last = shape[shape.length - 1];
    int kept = Math.min(n, last);
    float[] row = new float[last];
    int rows = rows(shape);
    float[] values = new float[rows * kept];
    float[] indices = new float[rows * kept];
    int[] best = new int[kept];
    for (int r = 0; r < rows; r++) {
      view.copyRow(r, row);
      largest(row, best);
      for (int i = 0; i < kept; i++) {
        values[r * kept + i] = row[best[i]];
        indices[r * kept + i] = best[i];
      }
    }
    shape[shape.length - 1] = kept;
    return new BorrowedTensor[] {
      BorrowedTensor.dense(view.name(), values, shape),
      BorrowedTensor.dense(view.name() + ".indices", indices, shape)
    };
  }

  /// Fills `best` with the indices of the largest values, by insertion into the short sorted list.
  private static void largest(float[] row, int[] best) {
    int count = 0;
    for (int i = 0; i < row.length; i++) {
      if (count == best.length && !(row[i] > row[best[count - 1]])) {
        continue;
      }
      int at = count < best.length ? count++ : count - 1;
      while (at > 0 && row[i] > row[best[at - 1]]) {
        best[at] = best[at - 1];
        at--;
      }
      best[at] = i;
    }
  }

  private static int rows(int[] shape) {
    int rows = 1;
    for (int axis = 0; axis < shape.length - 1; axis++) {
      rows *= shape[axis];
    }
    return rows;
  }
}
