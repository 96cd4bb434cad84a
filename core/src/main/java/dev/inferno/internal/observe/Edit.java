package dev.inferno.internal.observe;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Intervention;
import java.util.Arrays;

/// An intervention, made ready to act on the rows of a forward pass, in place.
final class Edit {
  final Intervention intervention;
  private final int[] parts; // heads, or chosen experts; empty where a row is not divided
  private final int partSize;

  Edit(Intervention intervention, int[] parts, int partSize) {
    this.intervention = intervention;
    this.parts = parts;
    this.partSize = partSize;
  }

  /// Changes the rows that are meant.
  ///
  /// @param from where in a row the values begin
  /// @return whether there were any
  boolean apply(Rows rows, int from, Segment segment) {
    boolean changed = false;
    for (int i = 0; i < segment.count(); i++) {
      int position = segment.rowPosition(i);
      if (isMeant(segment, position)) {
        changed = true;
        int at = segment.rowIndex(i) * rows.width() + from;
        if (parts.length == 0) {
          apply(rows.data(), at, partSize, 0);
        }
        for (int part : parts) {
          apply(rows.data(), at + part * partSize, partSize, part * partSize);
        }
      }
    }
    return changed;
  }

  /// Changes a row of attention, if it is meant: the values of positions `firstKey` to `keys`, from
  /// `data[at]` on. Called by many threads, for different rows.
  void apply(
      float[] data, int at, int firstKey, int keys, int head, int position, Segment segment) {
    if (isMeant(segment, position) && Arrays.binarySearch(parts, head) >= 0) {
      apply(data, at, keys - firstKey, 0);
    }
  }

  /// Whether any row of the segment is meant.
  boolean touches(Segment segment) {
    for (int i = 0; i < segment.count(); i++) {
      if (isMeant(segment, segment.rowPosition(i))) {
        return true;
      }
    }
    return false;
  }

  /// Whether a row of the segment is meant.
  boolean isMeant(Segment segment, int position) {
    return intervention
        .point()
        .positions()
        .contains(position, segment.isSampled(position), segment.generated(position));
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
