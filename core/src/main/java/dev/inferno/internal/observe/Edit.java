package dev.inferno.internal.observe;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.EditableRows;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.InterventionException;
import dev.inferno.observe.Patch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// An intervention, made ready to act on the rows of a forward pass, in place.
final class Edit {
  final Intervention intervention;
  private final int layer;
  private final int[] parts; // heads, or chosen experts; empty where a row is not divided
  private final int partSize;
  private final int @Nullable [] neurons; // or null for all
  private final int[] tokens; // rising; empty for any
  private final long noise; // the key of its numbers
  private boolean holds; // its condition, in this step

  Edit(Intervention intervention, int layer, int[] parts, int partSize) {
    this.intervention = intervention;
    this.layer = layer;
    this.parts = parts;
    this.partSize = partSize;
    this.neurons =
        intervention.neurons().isEmpty()
            ? null
            : intervention.neurons().stream().mapToInt(Integer::intValue).toArray();
    this.tokens = intervention.tokens().stream().mapToInt(Integer::intValue).toArray();
    this.noise =
        intervention.operation() instanceof Intervention.Noise(_, long seed)
            ? Gaussian.key(seed, intervention.point().hook().name(layer))
            : 0;
    settle(Double.NaN, Double.NaN);
  }

  /// A step begins.
  ///
  /// @param entropy of what the token before was chosen from; not a number if none was
  /// @param probability of that token; not a number if there is none
  void settle(double entropy, double probability) {
    holds = intervention.condition().holds(entropy, probability);
  }

  /// Whether it acts at a part, a head or a chosen expert.
  boolean acts(int part) {
    return Arrays.binarySearch(parts, part) >= 0;
  }

  /// Changes those of the segment's rows `from` to `to` (exclusive) that are meant; `firstRow` is
  /// what to take from a row's index.
  ///
  /// @param offset where in a row the values begin
  /// @return whether there were any
  boolean apply(Rows rows, int offset, Segment segment, int firstRow, int from, int to, int step) {
    if (intervention.operation() instanceof Intervention.Callback callback) {
      return call(callback, rows, offset, segment, firstRow, from, to, step);
    }
    boolean changed = false;
    for (int i = from; i < to; i++) {
      int position = segment.rowPosition(i);
      if (isMeant(segment, position, step)) {
        changed = true;
        int at = (segment.rowIndex(i) - firstRow) * rows.width() + offset;
        if (parts.length == 0) {
          apply(rows.data(), at, partSize, 0, position);
        }
        for (int part : parts) {
          apply(rows.data(), at + part * partSize, partSize, part * partSize, position);
        }
      }
    }
    return changed;
  }

  /// Has a callback change all rows that are meant.
  ///
  /// @throws InterventionException if it throws
  private boolean call(
      Intervention.Callback callback,
      Rows rows,
      int offset,
      Segment segment,
      int firstRow,
      int from,
      int to,
      int step) {
    int[] rowOffsets = new int[to - from];
    int[] positions = new int[to - from];
    int count = 0;
    for (int i = from; i < to; i++) {
      if (isMeant(segment, segment.rowPosition(i), step)) {
        positions[count] = segment.rowPosition(i);
        rowOffsets[count++] = (segment.rowIndex(i) - firstRow) * rows.width() + offset;
      }
    }
    if (count == 0) {
      return false;
    }
    Hook hook = intervention.point().hook();
    int[][] axes = new int[parts.length == 0 ? 1 : 2][];
    axes[0] = Arrays.copyOf(rowOffsets, count);
    if (parts.length > 0) {
      axes[1] = Arrays.stream(parts).map(part -> part * partSize).toArray();
    }
    var tensor = new BorrowedTensor(hook.name(layer), rows.data(), partSize, axes);
    try {
      callback
          .change()
          .accept(
              new EditableRows(
                  hook,
                  layer,
                  step,
                  Arrays.copyOf(positions, count),
                  Arrays.stream(parts).boxed().toList(),
                  new WritableTensor(tensor)));
    } catch (VirtualMachineError e) {
      throw e;
    } catch (Throwable e) { // an assertion that fails in a callback, too
      throw new InterventionException(
          "intervention '%s' threw at %s, step %d: %s"
              .formatted(callback.name(), hook.name(layer), step, e),
          e);
    } finally {
      tensor.giveBack();
    }
    return true;
  }

  /// Whether it may have changed something of these rows and parts.
  ///
  /// @param positions of rows of the segment
  /// @param shown the parts; none where a row is not divided
  /// @param firstKey of attention, the first key that is shown
  boolean touches(Segment segment, int[] positions, int[] shown, int firstKey, int step) {
    if (shown.length > 0 && Arrays.stream(shown).noneMatch(this::acts)) {
      return false;
    }
    for (int position : positions) {
      if (isMeant(segment, position, step) && seesCut(position, firstKey)) {
        return true;
      }
    }
    return false;
  }

  /// Whether the key of an edge that is cut is one that a row sees; true of anything else.
  private boolean seesCut(int position, int firstKey) {
    return !(intervention.operation() instanceof Intervention.CutEdge(int key))
        || (key >= firstKey && key <= position);
  }

  /// Whether any row of the segment is meant.
  boolean touches(Segment segment, int step) {
    for (int i = 0; i < segment.count(); i++) {
      if (isMeant(segment, segment.rowPosition(i), step)) {
        return true;
      }
    }
    return false;
  }

  /// Changes a row of attention, if it is meant: what it has for keys `firstKey` to `keys`, from
  /// `data[at]` on. Called by many threads, for different rows.
  void applyToKeys(float[] data, int at, int firstKey, int keys, int head) {
    if (!acts(head)) {
      return;
    }
    int origin = at - firstKey; // where key 0 is, or would be
    if (intervention.operation() instanceof Intervention.CutEdge(int key)) {
      if (key >= firstKey && key < keys) {
        data[origin + key] = Float.NEGATIVE_INFINITY;
      }
      return;
    }
    for (int key = firstKey; key < keys; key++) {
      if (neurons == null || Arrays.binarySearch(neurons, key) >= 0) {
        data[origin + key] = changed(data[origin + key]);
      }
    }
  }

  /// What becomes of a single value.
  private float changed(float value) {
    return switch (intervention.operation()) {
      case Intervention.Zero() -> 0;
      case Intervention.Fill(float constant) -> constant;
      case Intervention.Scale(float factor) -> scaled(value, factor);
      case Intervention.Shift(float summand) -> value + summand;
      case Intervention.Clamp(float min, float max) -> Math.max(min, Math.min(max, value));
      default -> throw new IllegalStateException(intervention + " needs rows of one length");
    };
  }

  /// A masked score or logit stays masked: minus infinity times 0 is no number.
  private static float scaled(float value, float factor) {
    return value == Float.NEGATIVE_INFINITY ? value : value * factor;
  }

  /// Whether a row of the segment is meant.
  boolean isMeant(Segment segment, int position, int step) {
    return holds
        && intervention.steps().contains(step)
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
      case Intervention.Mask() -> fill(data, at, count, Float.NEGATIVE_INFINITY);
      case Intervention.Fill(float value) -> fill(data, at, count, value);
      case Intervention.Scale(float factor) -> {
        for (int k = 0; k < count; k++) {
          data[at + place(k)] = scaled(data[at + place(k)], factor);
        }
      }
      case Intervention.Add(Intervention.Vector vector) -> {
        int from = vector.length() == length ? 0 : within;
        for (int k = 0; k < count; k++) {
          data[at + place(k)] += vector.get(from + place(k));
        }
      }
      case Intervention.Shift(float summand) -> {
        for (int k = 0; k < count; k++) {
          data[at + place(k)] += summand;
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
      case Intervention.CutEdge(_) ->
          throw new IllegalStateException(intervention + " is for rows of attention");
      case Intervention.Callback _ ->
          throw new IllegalStateException(intervention + " takes all rows at once");
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
