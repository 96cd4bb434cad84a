package dev.inferno.internal.observe;

import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.Activation;
import dev.inferno.observe.Form;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One point of one listener's plan: finds its rows and heads in the values of a forward pass and
/// delivers them in the form that was asked for.
final class Watch {
  final StepListener listener;
  final Point point;
  private final int[] heads; // resolved; empty for a point without heads
  private final int headSize;

  // The captured rows of a pattern, [heads, slots, keys].
  private float[] captured = new float[0];
  private int[] slots = new int[0]; // of each row of the segment, or -1
  private int slotCount;
  private int keys;

  Watch(StepListener listener, Point point, int[] heads, int headSize) {
    this.listener = listener;
    this.point = point;
    this.heads = heads;
    this.headSize = headSize;
  }

  /// Whether a row of a segment is meant.
  boolean wants(Segment segment, int position) {
    return point
        .positions()
        .contains(position, segment.isSampled(position), segment.generated(position));
  }

  /// Delivers the wanted ones of the segment's rows `from` to `to`; `firstRow` is what to take from
  /// a row's index.
  void deliver(
      int layer,
      int step,
      float[] data,
      int width,
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
        rowOffsets[count++] = (segment.rowIndex(i) - firstRow) * width;
      }
    }
    if (count == 0) {
      return;
    }
    rowOffsets = Arrays.copyOf(rowOffsets, count);
    positions = Arrays.copyOf(positions, count);
    String name = point.hook().name(layer);
    BorrowedTensor view;
    if (heads.length == 0) {
      view = new BorrowedTensor(name, data, width, rowOffsets);
    } else {
      int[] headOffsets = new int[heads.length];
      for (int i = 0; i < heads.length; i++) {
        headOffsets[i] = heads[i] * headSize;
      }
      view = new BorrowedTensor(name, data, headSize, rowOffsets, headOffsets);
    }
    send(layer, step, positions, view, interventions);
  }

  /// Makes room for the wanted rows of a pattern.
  void beginCapture(Segment segment) {
    if (slots.length < segment.rows()) {
      slots = new int[segment.rows()];
    }
    slotCount = 0;
    for (int row = 0; row < segment.rows(); row++) {
      slots[row] = wants(segment, segment.firstPosition() + row) ? slotCount++ : -1;
    }
    keys = segment.firstPosition() + segment.rows();
    long values = (long) heads.length * slotCount * keys;
    if (values > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%s over %d heads, %d rows and %d keys has more than 2^31 - 1 values; choose heads or positions"
              .formatted(point, heads.length, slotCount, keys));
    }
    int size = (int) values;
    if (captured.length < size) {
      captured = new float[size];
    }
  }

  boolean captures(int head, int row) {
    return slots[row] >= 0 && Arrays.binarySearch(heads, head) >= 0;
  }

  /// Takes a row of a pattern; called by many threads, for different rows.
  void capture(int head, int row, float[] probabilities, int at, int firstKey, int visible) {
    int to = (Arrays.binarySearch(heads, head) * slotCount + slots[row]) * keys;
    Arrays.fill(captured, to, to + firstKey, 0); // what the row may not see, before and behind
    System.arraycopy(probabilities, at, captured, to + firstKey, visible - firstKey);
    Arrays.fill(captured, to + visible, to + keys, 0);
  }

  /// Delivers the rows of a pattern that were captured.
  void deliverCaptured(int layer, int step, Segment segment) {
    if (slotCount == 0) {
      return;
    }
    int[] positions = new int[slotCount];
    for (int row = 0; row < segment.rows(); row++) {
      if (slots[row] >= 0) {
        positions[slots[row]] = segment.firstPosition() + row;
      }
    }
    BorrowedTensor view =
        BorrowedTensor.dense(point.hook().name(layer), captured, heads.length, slotCount, keys);
    send(layer, step, positions, view, List.of());
  }

  private void send(
      int layer, int step, int[] positions, BorrowedTensor view, List<Intervention> interventions) {
    BorrowedTensor shown = view;
    @Nullable BorrowedTensor indices = null;
    switch (point.form()) {
      case Form.View() -> {}
      case Form.Norm() -> shown = Reductions.norms(view);
      case Form.Top(int n) -> {
        BorrowedTensor[] top = Reductions.top(view, n);
        shown = top[0];
        indices = top[1];
      }
    }
    var activation =
        new Activation(
            point.hook(),
            layer,
            step,
            positions,
            Arrays.stream(heads).boxed().toList(),
            shown,
            Optional.ofNullable(indices),
            interventions);
    try {
      listener.onActivation(activation);
    } finally {
      shown.giveBack();
      if (indices != null) {
        indices.giveBack();
      }
    }
  }
}
