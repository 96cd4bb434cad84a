package dev.inferno.internal.observe;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Intervention;
import java.util.Arrays;

/// An intervention, made ready to act on the rows of a forward pass, in place.
final class Edit {
  final Intervention intervention;
  private final int[] heads; // resolved; empty for a point without heads
  private final int headSize;

  Edit(Intervention intervention, int[] heads, int headSize) {
    this.intervention = intervention;
    this.heads = heads;
    this.headSize = headSize;
  }

  /// Changes the rows that are meant.
  ///
  /// @return whether there were any
  boolean apply(Rows rows, Segment segment) {
    boolean changed = false;
    for (int i = 0; i < segment.count(); i++) {
      int position = segment.rowPosition(i);
      if (intervention
          .point()
          .positions()
          .contains(position, segment.isSampled(position), segment.generated(position))) {
        changed = true;
        int at = segment.rowIndex(i) * rows.width();
        if (heads.length == 0) {
          apply(rows.data(), at, rows.width(), 0);
        }
        for (int head : heads) {
          apply(rows.data(), at + head * headSize, headSize, head * headSize);
        }
      }
    }
    return changed;
  }

  /// @param within where the run begins in a vector that spans all heads
  private void apply(float[] data, int at, int length, int within) {
    switch (intervention.operation()) {
      case Intervention.Zero() -> Arrays.fill(data, at, at + length, 0);
      case Intervention.Scale(float factor) -> {
        for (int i = at; i < at + length; i++) {
          data[i] *= factor;
        }
      }
      case Intervention.Add(Intervention.Vector vector) -> {
        int from = vector.length() == length ? 0 : within;
        for (int i = 0; i < length; i++) {
          data[at + i] += vector.get(from + i);
        }
      }
    }
  }
}
