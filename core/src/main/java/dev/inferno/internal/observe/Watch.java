package dev.inferno.internal.observe;

import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Form;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One point of one listener's plan: finds its rows and heads in the values of a forward pass and
/// delivers them in the form that was asked for.
///
/// Rows of attention are taken one by one where the kernels leave them, in the form that was asked
/// for: an entropy takes room for a number per row, not for one per key.
final class Watch {
  final Listening listening;
  final Point point;
  private final Form form;
  private final int[] parts; // heads, or the chosen experts; empty where a row is not divided
  private final List<Integer> partNumbers;
  private final int[] partOffsets;
  private final int partSize;
  private final Outbox outbox;

  // What was taken of the rows of attention, [heads, slots, width].
  private float[] captured = new float[0];
  private float[] capturedIndices = new float[0];
  private int[] slots = new int[0]; // of each row of the segment, or -1
  private int slotCount;
  private int firstKey;
  private int keys;
  private int width;

  Watch(Listening listening, Point point, int[] parts, int partSize, Outbox outbox) {
    this.listening = listening;
    this.point = point;
    this.form = point.form();
    this.parts = parts;
    this.partNumbers = Arrays.stream(parts).boxed().toList();
    this.partOffsets = Arrays.stream(parts).map(part -> part * partSize).toArray();
    this.partSize = partSize;
    this.outbox = outbox;
  }

  /// Whether a row of a segment is meant.
  boolean wants(Segment segment, int position) {
    return point
        .positions()
        .contains(position, segment.isSampled(position), segment.generated(position));
  }

  /// Whether it shows a part, a head or a chosen expert.
  boolean shows(int part) {
    return Arrays.binarySearch(parts, part) >= 0;
  }

  /// Delivers the wanted ones of the segment's rows `from` to `to`; `firstRow` is what to take from
  /// a row's index.
  ///
  /// @param rowWidth how far apart rows are
  /// @param offset where in a row the values begin
  /// @param edits that changed rows of the segment
  void deliver(
      String name,
      int layer,
      int step,
      float[] data,
      int rowWidth,
      int offset,
      Segment segment,
      int firstRow,
      int from,
      int to,
      List<Edit> edits) {
    int[] rowOffsets = new int[to - from];
    int[] positions = new int[to - from];
    int count = 0;
    for (int i = from; i < to; i++) {
      if (wants(segment, segment.rowPosition(i))) {
        positions[count] = segment.rowPosition(i);
        rowOffsets[count++] = (segment.rowIndex(i) - firstRow) * rowWidth + offset;
      }
    }
    if (count == 0) {
      return;
    }
    if (count < positions.length) {
      rowOffsets = Arrays.copyOf(rowOffsets, count);
      positions = Arrays.copyOf(positions, count);
    }
    List<Intervention> touched = touching(edits, segment, positions, step);
    if (form instanceof Form.View) {
      BorrowedTensor view =
          parts.length == 0
              ? new BorrowedTensor(name, data, partSize, rowOffsets)
              : new BorrowedTensor(name, data, partSize, rowOffsets, partOffsets);
      send(layer, step, positions, outbox.isHolding() ? view.lasting() : view, null, touched);
    } else {
      sendReduced(name, layer, step, data, rowOffsets, positions, touched);
    }
  }

  private void sendReduced(
      String name,
      int layer,
      int step,
      float[] data,
      int[] rowOffsets,
      int[] positions,
      List<Intervention> touched) {
    int width = Reductions.width(form, partSize);
    int runs = Math.max(1, parts.length);
    float[] reduced = new float[rowOffsets.length * runs * width];
    float @Nullable [] indices = form instanceof Form.Top ? new float[reduced.length] : null;
    for (int i = 0; i < rowOffsets.length * runs; i++) {
      int at = rowOffsets[i / runs] + (parts.length == 0 ? 0 : partOffsets[i % runs]);
      Reductions.reduce(form, data, at, partSize, 0, reduced, i * width, indices);
    }
    int[] shape =
        parts.length == 0
            ? new int[] {rowOffsets.length, width}
            : new int[] {rowOffsets.length, runs, width};
    send(
        layer,
        step,
        positions,
        tensor(name, reduced, shape),
        indices == null ? null : tensor(name + ".indices", indices, shape),
        touched);
  }

  /// A tensor of what the form gives, `shape` with the last axis if the form has it.
  private BorrowedTensor tensor(String name, float[] values, int... shape) {
    boolean isOneNumber =
        Reductions.isPerRow(form)
            || (point.hook().axes() == Hook.Axes.SINKS && form instanceof Form.View);
    return BorrowedTensor.dense(
        name, values, isOneNumber ? Arrays.copyOf(shape, shape.length - 1) : shape);
  }

  /// Those interventions that changed something of what is shown.
  private List<Intervention> touching(
      List<Edit> edits, Segment segment, int[] positions, int step) {
    if (edits.isEmpty()) {
      return List.of();
    }
    List<Intervention> touching = new ArrayList<>();
    for (Edit edit : edits) {
      if (edit.touches(segment, positions, parts, firstKey, step)) {
        touching.add(edit.intervention);
      }
    }
    return touching;
  }

  /// Makes room for the wanted rows of attention.
  ///
  /// @param firstKey the first key that is shown
  /// @param end the one behind the last
  void beginCapture(Segment segment, int firstKey, int end) {
    if (slots.length < segment.rows()) {
      slots = new int[segment.rows()];
    }
    slotCount = 0;
    for (int row = 0; row < segment.rows(); row++) {
      slots[row] = wants(segment, segment.firstPosition() + row) ? slotCount++ : -1;
    }
    this.firstKey = firstKey;
    keys = end - firstKey;
    width = Reductions.width(form, keys);
    long values = (long) parts.length * slotCount * width;
    if (values > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s over %d heads, %d rows and %d keys has more than 2^31 - 1 values; choose heads or positions"
              .formatted(point, parts.length, slotCount, keys));
    }
    if (captured.length < values) {
      captured = new float[(int) values];
    }
    if (form instanceof Form.Top && capturedIndices.length < values) {
      capturedIndices = new float[(int) values];
    }
  }

  boolean captures(int head, int row) {
    return slots[row] >= 0 && shows(head);
  }

  /// Takes a row of attention; called by many threads, for different rows.
  ///
  /// @param first the first key that the row sees
  /// @param end the one behind the last
  /// @param unseen what stands for the keys that it does not see
  void capture(int head, int row, float[] values, int at, int first, int end, float unseen) {
    int to = (Arrays.binarySearch(parts, head) * slotCount + slots[row]) * width;
    switch (form) {
      case Form.View() -> {
        Arrays.fill(captured, to, to + first - firstKey, unseen);
        System.arraycopy(values, at, captured, to + first - firstKey, end - first);
        Arrays.fill(captured, to + end - firstKey, to + keys, unseen);
      }
      case Form.Top(_) -> {
        int seen = first - firstKey;
        int count = end - first;
        Reductions.reduce(form, values, at, count, seen, captured, to, capturedIndices);
        for (int i = count, key = 0; i < width; i++, key++) { // the first keys that it does not see
          key = key == seen ? seen + count : key;
          captured[to + i] = unseen;
          capturedIndices[to + i] = key;
        }
      }
      default -> Reductions.reduce(form, values, at, end - first, first, captured, to, null);
    }
  }

  /// Delivers the rows of attention that were captured.
  ///
  /// @param edits that changed rows of the segment
  void deliverCaptured(String name, int layer, int step, Segment segment, List<Edit> edits) {
    if (slotCount == 0) {
      return;
    }
    int[] positions = new int[slotCount];
    for (int row = 0; row < segment.rows(); row++) {
      if (slots[row] >= 0) {
        positions[slots[row]] = segment.firstPosition() + row;
      }
    }
    BorrowedTensor view = tensor(name, captured, parts.length, slotCount, width);
    @Nullable BorrowedTensor indices =
        form instanceof Form.Top
            ? tensor(name + ".indices", capturedIndices, parts.length, slotCount, width)
            : null;
    if (outbox.isHolding()) { // the next layer is captured where this one is
      view = view.lasting();
      indices = indices == null ? null : indices.lasting();
    }
    send(layer, step, positions, view, indices, touching(edits, segment, positions, step));
  }

  private void send(
      int layer,
      int step,
      int[] positions,
      BorrowedTensor values,
      @Nullable BorrowedTensor indices,
      List<Intervention> touched) {
    var activation =
        new Activation(
            point.hook(),
            layer,
            step,
            positions,
            partNumbers,
            values,
            Optional.ofNullable(indices),
            firstKey,
            touched);
    outbox.send(
        listening,
        values.name(),
        () -> {
          try {
            listening.listener().onActivation(activation);
          } finally {
            values.giveBack();
            if (indices != null) {
              indices.giveBack();
            }
          }
        });
  }
}
