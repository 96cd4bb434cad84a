package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import java.util.Arrays;

/// Rows as they were before somebody might change them: what follows from them is computed again
/// for the changed rows, and for no others.
final class Snapshot {
  private float[] before = new float[0];
  private boolean taken;

  /// Remembers the rows, if they may be changed.
  void take(Rows rows, boolean mayChange) {
    taken = mayChange;
    if (mayChange) {
      int size = rows.rows() * rows.width();
      if (before.length < size) {
        before = new float[size];
      }
      System.arraycopy(rows.data(), 0, before, 0, size);
    }
  }

  /// Whether a row has other values.
  boolean differs(Rows rows, int row) {
    int from = row * rows.width();
    int to = from + rows.width();
    return taken && !Arrays.equals(rows.data(), from, to, before, from, to);
  }
}
