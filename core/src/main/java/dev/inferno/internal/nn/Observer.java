package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;
import org.jspecify.annotations.Nullable;

/// Who looks on while the rows of one segment pass through the model, and may change them. The
/// model calls it through a {@link Probe}, on the thread of the forward pass.
public interface Observer {

  /// Somebody who wants nothing.
  Observer NOBODY =
      new Observer() {
        @Override
        public boolean wants(Hook hook, int layer) {
          return false;
        }

        @Override
        public boolean wantsAt(Hook hook, int layer, Segment segment, int position) {
          return false;
        }

        @Override
        public boolean wantsPart(Hook hook, int layer, int part) {
          return false;
        }

        @Override
        public boolean wantsRow(Segment segment, int position) {
          return false;
        }

        @Override
        public boolean wantsLogits(Segment segment, int position) {
          return false;
        }

        @Override
        public boolean edits(Hook hook, int layer) {
          return false;
        }

        @Override
        public void at(Hook hook, int layer, Rows rows, int from, int size, Segment segment) {}

        @Override
        public void logits(
            Hook hook, Rows logits, int firstRow, Segment segment, int from, int to) {}

        @Override
        public @Nullable AttentionObserver attentionObserver(
            int layer, Segment segment, int firstKey) {
          return null;
        }
      };

  /// Whether {@link #at} has anything to do at a point.
  boolean wants(Hook hook, int layer);

  /// Whether {@link #at} may change the values of a point.
  boolean edits(Hook hook, int layer);

  /// Whether {@link #at} shows or changes a row at a point.
  boolean wantsAt(Hook hook, int layer, Segment segment, int position);

  /// Whether {@link #at} shows or changes a part of rows, a head or a chosen expert, at a point
  /// that has parts.
  boolean wantsPart(Hook hook, int layer, int part);

  /// Whether the result of a row that is not sampled is wanted behind the last block's attention.
  boolean wantsRow(Segment segment, int position);

  /// Whether the logits of a row that is not sampled are wanted; then {@link #wantsRow} says so
  /// too.
  boolean wantsLogits(Segment segment, int position);

  /// The segment's rows have their values at a point: change them, then show them.
  ///
  /// @param layer the layer, or -1 outside the blocks
  /// @param from where in a row the values begin
  /// @param size how many there are, of a point with parts (heads) in all parts together
  void at(Hook hook, int layer, Rows rows, int from, int size, Segment segment);

  /// Rows `from` to `to` (exclusive) of the segment's rows have their logits, at {@link
  /// Segment#rowIndex} minus `firstRow`: change them, then show them.
  ///
  /// @param hook {@link Hook#UNEMBED_OUT} or {@link Hook#LOGITS}
  void logits(Hook hook, Rows logits, int firstRow, Segment segment, int from, int to);

  /// Who changes or sees the rows of attention of a layer, or null if nobody does. They are shown
  /// when {@link #at} is called with {@link Hook#SCORES}, {@link Hook#PATTERN} and {@link
  /// Hook#SINK}.
  ///
  /// @param firstKey the first position that is shown: none before it is visible
  @Nullable AttentionObserver attentionObserver(int layer, Segment segment, int firstKey);

  /// Changes and takes rows of attention. Called by many threads, for different rows.
  interface AttentionObserver {
    /// The scores of a head's row, before their softmax: of positions `firstKey` to `keys`
    /// (exclusive), from `scores[at]` on. A row that is left nothing but minus infinity attends to
    /// nothing.
    void scores(int head, int row, float[] scores, int at, int firstKey, int keys);

    /// How much of a head's row falls on its sink, at `share[at]`; only where there are sinks.
    /// Where it is changed, the pattern is what is left of 1, and the head's result follows from
    /// that.
    void sink(int head, int row, float[] share, int at);

    /// How much a head's row attends to positions `firstKey` to `keys` (exclusive), from
    /// `probabilities[at]` on. Where they are changed the head's result follows from them.
    void pattern(int head, int row, float[] probabilities, int at, int firstKey, int keys);
  }
}
