package dev.inferno.internal.observe;

import dev.inferno.observe.Form;
import dev.inferno.observe.PositionRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is delivered of a row instead of its values when a plan asks for less. Stateless.
final class Reductions {
  /// How many numbers {@link Form.Statistics} gives of a row.
  static final int STATISTICS = 4;

  private Reductions() {}

  /// How many numbers a form gives of a row of `length` values.
  static int width(Form form, int length) {
    return switch (form) {
      case Form.View() -> length;
      case Form.Norm(), Form.Entropy() -> 1;
      case Form.Statistics() -> STATISTICS;
      case Form.Mass(List<PositionRange> groups) -> groups.size();
      case Form.Top(int n) -> Math.min(n, length);
    };
  }

  /// Whether the last axis of what a form gives is gone.
  static boolean isPerRow(Form form) {
    return form instanceof Form.Norm || form instanceof Form.Entropy;
  }

  /// Reduces `count` values from `data[at]` on to `out[to]` and on. Where there are fewer values
  /// than the largest that are asked for, the rest of `out` stays as it is.
  ///
  /// @param first the index of the first value in its row; of a pattern the position of its key
  /// @param indices receives those of the largest values, if they are asked for
  static void reduce(
      Form form,
      float[] data,
      int at,
      int count,
      int first,
      float[] out,
      int to,
      float @Nullable [] indices) {
    switch (form) {
      case Form.View() -> System.arraycopy(data, at, out, to, count);
      case Form.Norm() -> out[to] = (float) norm(data, at, count);
      case Form.Entropy() -> out[to] = (float) entropy(data, at, count);
      case Form.Statistics() -> statistics(data, at, count, out, to);
      case Form.Mass(List<PositionRange> groups) -> {
        for (int g = 0; g < groups.size(); g++) {
          out[to + g] = (float) mass(groups.get(g), data, at, count, first);
        }
      }
      case Form.Top(int n) -> largest(data, at, count, first, n, out, to, indices);
    }
  }

  private static double norm(float[] data, int at, int count) {
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      sum += (double) data[i] * data[i];
    }
    return Math.sqrt(sum);
  }

  private static double entropy(float[] data, int at, int count) {
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      sum -= data[i] > 0 ? data[i] * Math.log(data[i]) : 0;
    }
    return sum;
  }

  private static void statistics(float[] data, int at, int count, float[] out, int to) {
    double sum = 0;
    float smallest = Float.POSITIVE_INFINITY;
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = at; i < at + count; i++) {
      sum += data[i];
      smallest = Math.min(smallest, data[i]);
      largest = Math.max(largest, data[i]);
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = at; i < at + count; i++) {
      squares += (data[i] - mean) * (data[i] - mean);
    }
    out[to] = (float) mean;
    out[to + 1] = (float) Math.sqrt(squares / count);
    out[to + 2] = smallest;
    out[to + 3] = largest;
  }

  private static double mass(PositionRange group, float[] data, int at, int count, int first) {
    int from = Math.max(group.first() - first, 0);
    int end = Math.min(group.end() - first, count);
    double sum = 0;
    for (int i = from; i < end; i++) {
      sum += data[at + i];
    }
    return sum;
  }

  /// The largest values, falling, ties by lowest index, by insertion into the short sorted list.
  private static void largest(
      float[] data,
      int at,
      int count,
      int first,
      int n,
      float[] out,
      int to,
      float @Nullable [] indices) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      float value = data[at + i];
      if (kept == n && !(value > out[to + kept - 1])) {
        continue;
      }
      int place = kept < n ? kept++ : kept - 1;
      while (place > 0 && value > out[to + place - 1]) {
        out[to + place] = out[to + place - 1];
        if (indices != null) {
          indices[to + place] = indices[to + place - 1];
        }
        place--;
      }
      out[to + place] = value;
      if (indices != null) {
        indices[to + place] = first + i;
      }
    }
  }
}
