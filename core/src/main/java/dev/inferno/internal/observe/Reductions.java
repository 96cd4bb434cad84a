package dev.inferno.internal.observe;

import dev.inferno.observe.PositionRange;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// What is delivered instead of the values when a plan asks for less.
final class Reductions {
  private Reductions() {}

  /// How many numbers {@link #statistics} gives of a row.
  static final int STATISTICS = 4;

  /// A number of each row: the last axis is gone.
  static BorrowedTensor perRow(BorrowedTensor view, ToDoubleFunction<float[]> reduction) {
    int[] shape = view.shape();
    float[] row = new float[shape[shape.length - 1]];
    float[] reduced = new float[rows(shape)];
    for (int r = 0; r < reduced.length; r++) {
      view.copyRow(r, row);
      reduced[r] = (float) reduction.applyAsDouble(row);
    }
    return BorrowedTensor.dense(view.name(), reduced, Arrays.copyOf(shape, shape.length - 1));
  }

  /// The L2 norm of a row.
  static double norm(float[] row) {
    double sum = 0;
    for (float value : row) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  /// The entropy of a row of probabilities, in nats.
  static double entropy(float[] row) {
    double sum = 0;
    for (float value : row) {
      sum -= value > 0 ? value * Math.log(value) : 0;
    }
    return sum;
  }

  /// Mean, standard deviation, smallest and largest of each row.
  static BorrowedTensor statistics(BorrowedTensor view) {
    int[] shape = view.shape();
    int last = shape[shape.length - 1];
    float[] row = new float[last];
    int rows = rows(shape);
    float[] statistics = new float[rows * STATISTICS];
    for (int r = 0; r < rows; r++) {
      view.copyRow(r, row);
      double sum = 0;
      float smallest = Float.POSITIVE_INFINITY;
      float largest = Float.NEGATIVE_INFINITY;
      for (float value : row) {
        sum += value;
        smallest = Math.min(smallest, value);
        largest = Math.max(largest, value);
      }
      double mean = sum / last;
      double squares = 0;
      for (float value : row) {
        squares += (value - mean) * (value - mean);
      }
      int at = r * STATISTICS;
      statistics[at] = (float) mean;
      statistics[at + 1] = (float) Math.sqrt(squares / last);
      statistics[at + 2] = smallest;
      statistics[at + 3] = largest;
    }
    shape[shape.length - 1] = STATISTICS;
    return BorrowedTensor.dense(view.name(), statistics, shape);
  }

  /// The sum of each row over each group of keys.
  ///
  /// @param firstKey the position of the row's first value
  static BorrowedTensor mass(BorrowedTensor view, int firstKey, List<PositionRange> groups) {
    int[] shape = view.shape();
    int keys = shape[shape.length - 1];
    float[] row = new float[keys];
    int rows = rows(shape);
    float[] masses = new float[rows * groups.size()];
    for (int r = 0; r < rows; r++) {
      view.copyRow(r, row);
      for (int g = 0; g < groups.size(); g++) {
        int from = Math.max(groups.get(g).first() - firstKey, 0);
        int to = Math.min(groups.get(g).end() - firstKey, keys);
        double sum = 0;
        for (int key = from; key < to; key++) {
          sum += row[key];
        }
        masses[r * groups.size() + g] = (float) sum;
      }
    }
    shape[shape.length - 1] = groups.size();
    return BorrowedTensor.dense(view.name(), masses, shape);
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
