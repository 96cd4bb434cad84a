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
        public boolean wantsRow(Segment segment, int position) {
          return false;
        }

        @Override
        public boolean wantsLogits(Segment segment, int position) {
          return false;
        }

        @Override
        public void at(Hook hook, int layer, Rows rows, Segment segment) {}

        @Override
        public void logits(Rows logits, int firstRow, Segment segment, int from, int to) {}

        @Override
        public @Nullable PatternSink patternSink(int layer, Segment segment) {
          return null;
        }
      };

  /// Whether {@link #at} has anything to do at a point.
  boolean wants(Hook hook, int layer);

  /// Whether the result of a row that is not sampled is wanted behind the last block's attention.
  boolean wantsRow(Segment segment, int position);

  /// Whether the logits of a row that is not sampled are wanted; then {@link #wantsRow} says so
  /// too.
  boolean wantsLogits(Segment segment, int position);

  /// The segment's rows have their values at a point: change them, then show them.
  ///
  /// @param layer the layer, or -1 outside the blocks
  void at(Hook hook, int layer, Rows rows, Segment segment);

  /// Rows `from` to `to` (exclusive) of the segment's rows have their logits, at {@link
  /// Segment#rowIndex} minus `firstRow`.
  void logits(Rows logits, int firstRow, Segment segment, int from, int to);

  /// Where to put rows of the attention pattern of a layer, or null if nobody wants them. They are
  /// shown when {@link #at} is called with {@link Hook#PATTERN}.
  @Nullable PatternSink patternSink(int layer, Segment segment);

  /// Takes rows of an attention pattern. Called by many threads, for different rows.
  interface PatternSink {
    /// Whether a head's row is wanted.
    boolean wants(int head, int row);

    /// The row of a head: how much the segment's row attends to positions `firstKey`, whose share
    /// is `probabilities[at]`, to `keys` (exclusive).
    void row(int head, int row, float[] probabilities, int at, int firstKey, int keys);
  }
}
