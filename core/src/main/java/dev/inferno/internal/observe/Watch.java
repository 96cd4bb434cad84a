package dev.inferno.internal.observe;

import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Form;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Point;
import dev.inferno.observe.PositionRange;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One point of one listener's plan: finds its rows and heads in the values of a forward pass and
/// delivers them in the form that was asked for.
final class Watch {
  final Listening listening;
  final Point point;
  private final int[] parts; // heads, or the chosen experts; empty where a row is not divided
  private final List<Integer> partNumbers;
  private final int[] partOffsets;
  private final int partSize;
  private final Outbox outbox;

  // The captured rows of a pattern, [heads, slots, keys].
  private float[] captured = new float[0];
  private int[] slots = new int[0]; // of each row of the segment, or -1
  private int slotCount;
  private int firstKey;
  private int keys;

  Watch(Listening listening, Point point, int[] parts, int partSize, Outbox outbox) {
    this.listening = listening;
    this.point = point;
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
  /// @param offset where in a row the values begin
  void deliver(
      String name,
      int layer,
      int step,
      float[] data,
      int width,
      int offset,
      Segment segment,
      int firstRow,
      int from,
      int to,
      List<Intervention> interventions) {
    int[] rowOffsets = new int[to - from];
    int[] positions = new int[to - from];
    int count = 0;
    for (int i = from; i < to; i++) {
      if (wants(segment, segment.rowPosition(i))) {
        positions[count] = segment.rowPosition(i);
        rowOffsets[count++] = (segment.rowIndex(i) - firstRow) * width + offset;
      }
    }
    if (count == 0) {
      return;
    }
    if (count < positions.length) {
      rowOffsets = Arrays.copyOf(rowOffsets, count);
      positions = Arrays.copyOf(positions, count);
    }
    BorrowedTensor view;
    if (parts.length == 0) {
      view = new BorrowedTensor(name, data, partSize, rowOffsets);
    } else {
      view = new BorrowedTensor(name, data, partSize, rowOffsets, partOffsets);
    }
    send(layer, step, positions, view, interventions);
  }

  /// Makes room for the wanted rows of a pattern.
  ///
  /// @param firstKey the first key that is shown
  void beginCapture(Segment segment, int firstKey) {
    if (slots.length < segment.rows()) {
      slots = new int[segment.rows()];
    }
    slotCount = 0;
    for (int row = 0; row < segment.rows(); row++) {
      slots[row] = wants(segment, segment.firstPosition() + row) ? slotCount++ : -1;
    }
    this.firstKey = firstKey;
    keys = segment.firstPosition() + segment.rows() - firstKey;
    long values = (long) parts.length * slotCount * keys;
    if (values > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s over %d heads, %d rows and %d keys has more than 2^31 - 1 values; choose heads or positions"
              .formatted(point, parts.length, slotCount, keys));
    }
    int size = (int) values;
    if (captured.length < size) {
      captured = new float[size];
    }
  }

  boolean captures(int head, int row) {
    return slots[row] >= 0 && shows(head);
  }

  /// Takes a row of a pattern; called by many threads, for different rows.
  ///
  /// @param first the first key that the row sees
  /// @param end the one behind the last
  /// @param unseen what stands for the keys that it does not see
  void capture(int head, int row, float[] values, int at, int first, int end, float unseen) {
    int to = (Arrays.binarySearch(parts, head) * slotCount + slots[row]) * keys;
    Arrays.fill(captured, to, to + first - firstKey, unseen);
    System.arraycopy(values, at, captured, to + first - firstKey, end - first);
    Arrays.fill(captured, to + end - firstKey, to + keys, unseen);
  }

  /// Delivers the rows of a pattern that were captured.
  void deliverCaptured(
      String name, int layer, int step, Segment segment, List<Intervention> interventions) {
    if (slotCount == 0) {
      return;
    }
    int[] positions = new int[slotCount];
    for (int row = 0; row < segment.rows(); row++) {
      if (slots[row] >= 0) {
        positions[slots[row]] = segment.firstPosition() + row;
      }
    }
    BorrowedTensor view = BorrowedTensor.dense(name, captured, parts.length, slotCount, keys);
    send(layer, step, positions, view, interventions);
  }

  private void send(
      int layer, int step, int[] positions, BorrowedTensor view, List<Intervention> interventions) {
    BorrowedTensor shown = view;
    @Nullable BorrowedTensor indices = null;
    switch (point.form()) {
      case Form.View() -> {}
      case Form.Norm() -> shown = Reductions.perRow(view, Reductions::norm);
      case Form.Entropy() -> shown = Reductions.perRow(view, Reductions::entropy);
      case Form.Statistics() -> shown = Reductions.statistics(view);
      case Form.Mass(List<PositionRange> groups) -> shown = Reductions.mass(view, firstKey, groups);
      case Form.Top(int n) -> {
        BorrowedTensor[] top = Reductions.top(view, n);
        shown = top[0];
        indices = top[1];
      }
    }
    BorrowedTensor lasting = shown == view && outbox.isHolding() ? view.lasting() : shown;
    @Nullable BorrowedTensor lastingIndices = indices;
    var activation =
        new Activation(
            point.hook(),
            layer,
            step,
            positions,
            partNumbers,
            lasting,
            Optional.ofNullable(lastingIndices),
            firstKey,
            interventions);
    outbox.send(
        listening,
        view.name(),
        () -> {
          try {
            listening.listener().onActivation(activation);
          } finally {
            lasting.giveBack();
            if (lastingIndices != null) {
              lastingIndices.giveBack();
            }
          }
        });
  }
}
