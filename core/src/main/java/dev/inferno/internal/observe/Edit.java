package dev.inferno.internal.observe;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Patch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An intervention, made ready to act on the rows of a forward pass, in place.
final class Edit {
  final Intervention intervention;
  private final int[] heads; // resolved; empty for a point without heads
  private final int headSize;
  private final int @Nullable [] neurons; // or null for all
  private final int[] tokens; // rising; empty for any
  private final long noise; // the key of its numbers

  Edit(Intervention intervention, int layer, int[] heads, int headSize) {
    this.intervention = intervention;
    this.heads = heads;
    this.headSize = headSize;
    this.neurons =
        intervention.neurons().isEmpty()
            ? null
            : intervention.neurons().stream().mapToInt(Integer::intValue).toArray();
    this.tokens = intervention.tokens().stream().mapToInt(Integer::intValue).toArray();
    this.noise =
        intervention.operation() instanceof Intervention.Noise(_, long seed)
            ? Gaussian.key(seed, intervention.point().hook().name(layer))
            : 0;
  }

  /// Changes the rows that are meant.
  ///
  /// @return whether there were any
  boolean apply(Rows rows, Segment segment, int step) {
    boolean changed = false;
    for (int i = 0; i < segment.count(); i++) {
      int position = segment.rowPosition(i);
      if (isMeant(segment, position, step)) {
        changed = true;
        int at = segment.rowIndex(i) * rows.width();
        if (heads.length == 0) {
          apply(rows.data(), at, rows.width(), 0, position);
        }
        for (int head : heads) {
          apply(rows.data(), at + head * headSize, headSize, head * headSize, position);
        }
      }
    }
    return changed;
  }

  /// Whether a row of the segment is meant.
  private boolean isMeant(Segment segment, int position, int step) {
    return intervention.steps().contains(step)
        && intervention
            .point()
            .positions()
            .contains(position, segment.isSampled(position), segment.generated(position))
        && (tokens.length == 0
            || Arrays.binarySearch(tokens, segment.token(position - segment.firstPosition())) >= 0)
        && !(intervention.operation() instanceof Intervention.PatchIn(Patch patch)
            && patch.row(position) < 0);
  }

  /// Changes a part of a row: `length` values from `data[at]` on.
  ///
  /// @param within where the part begins in its row
  private void apply(float[] data, int at, int length, int within, int position) {
    int count = neurons == null ? length : neurons.length;
    switch (intervention.operation()) {
      case Intervention.Zero() -> fill(data, at, count, 0);
      case Intervention.Fill(float value) -> fill(data, at, count, value);
      case Intervention.Scale(float factor) -> {
        for (int k = 0; k < count; k++) {
          data[at + place(k)] *= factor;
        }
      }
      case Intervention.Add(Intervention.Vector vector) -> {
        int from = vector.length() == length ? 0 : within;
        for (int k = 0; k < count; k++) {
          data[at + place(k)] += vector.get(from + place(k));
        }
      }
      case Intervention.Set(Intervention.Vector vector) ->
          copy(vector, vector.length() == length ? 0 : within, data, at, count);
      case Intervention.Mean(Intervention.Vector vector) ->
          copy(vector, vector.length() == length ? 0 : within, data, at, count);
      case Intervention.Clamp(float min, float max) -> {
        for (int k = 0; k < count; k++) {
          int i = at + place(k);
          data[i] = Math.max(min, Math.min(max, data[i]));
        }
      }
      case Intervention.ProjectOut(Intervention.Vector direction) ->
          projectOut(direction, data, at, count);
      case Intervention.Noise(float sigma, _) -> {
        for (int k = 0; k < count; k++) {
          int i = at + place(k);
          data[i] = (float) (data[i] + sigma * Gaussian.at(noise, position, within + place(k)));
        }
      }
      case Intervention.PatchIn(Patch patch) -> {
        int row = patch.row(position);
        for (int k = 0; k < count; k++) {
          data[at + place(k)] = patch.get(row, within + place(k));
        }
      }
      case Intervention.CutEdge(int key) -> {
        if (key < length) {
          data[at + key] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  /// The index of the k-th value that is meant.
  private int place(int k) {
    return neurons == null ? k : neurons[k];
  }

  private void fill(float[] data, int at, int count, float value) {
    for (int k = 0; k < count; k++) {
      data[at + place(k)] = value;
    }
  }

  private void copy(Intervention.Vector vector, int from, float[] data, int at, int count) {
    for (int k = 0; k < count; k++) {
      data[at + place(k)] = vector.get(from + place(k));
    }
  }

  private void projectOut(Intervention.Vector direction, float[] data, int at, int count) {
    double product = 0;
    double square = 0;
    for (int k = 0; k < count; k++) {
      double d = direction.get(place(k));
      product += data[at + place(k)] * d;
      square += d * d;
    }
    double component = product / square;
    for (int k = 0; k < count; k++) {
      int i = at + place(k);
      data[i] = (float) (data[i] - component * direction.get(place(k)));
    }
  }
}
