package dev.inferno.internal.observe;

import dev.inferno.internal.nn.Observer;
import dev.inferno.internal.nn.Segment;
import org.jspecify.annotations.Nullable;

/// Changes and takes the rows of a layer's attention for all who want them.
record AttentionRows(
    @Nullable Site scores, @Nullable Site pattern, @Nullable Site sink, Segment segment, int step)
    implements Observer.AttentionObserver {

  @Override
  public void scores(int head, int row, float[] values, int at, int firstKey, int keys) {
    each(scores, head, row, values, at, firstKey, keys, Float.NEGATIVE_INFINITY);
  }

  @Override
  public void pattern(int head, int row, float[] values, int at, int firstKey, int keys) {
    each(pattern, head, row, values, at, firstKey, keys, 0);
  }

  /// The share of a sink is taken like a row of one key.
  @Override
  public void sink(int head, int row, float[] share, int at) {
    each(sink, head, row, share, at, 0, 1, 0);
  }

  private void each(
      @Nullable Site site,
      int head,
      int row,
      float[] values,
      int at,
      int firstKey,
      int keys,
      float unseen) {
    if (site == null) {
      return;
    }
    for (Edit edit : site.edits) {
      if (edit.isMeant(segment, segment.firstPosition() + row, step)) {
        edit.applyToKeys(values, at, firstKey, keys, head);
      }
    }
    for (Watch watch : site.watches) {
      if (watch.captures(head, row)) {
        watch.capture(head, row, values, at, firstKey, keys, unseen);
      }
    }
  }
}
