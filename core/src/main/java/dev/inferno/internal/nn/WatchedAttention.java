package dev.inferno.internal.nn;

import java.util.Arrays;

/// The attention of a tile on which somebody looks on: the scores of whole rows are computed first,
/// page by page as ever, shown, perhaps changed; then taken in run by run as ever; then the pattern
/// is shown beside the results.
final class WatchedAttention {
  private final AttentionTile tile;
  private final AttentionRoom room;
  private final SegmentAttention of;
  private final Attention attention;

  WatchedAttention(AttentionTile tile) {
    this.tile = tile;
    room = tile.room;
    of = tile.of();
    attention = of.attention();
  }

  void attend(AttentionRuns runs) {
    int length = tile.wholeRowLength();
    room.requireWholeRows(tile.queries() * length);
    for (int page = tile.firstPage(); page < tile.end(); page += KvCache.PAGE) {
      tile.scores(page);
      for (int i = 0; i < tile.queries(); i++) {
        System.arraycopy(
            room.scores, i * KvCache.PAGE, room.wholeRows, tile.wholeRow(i) + page, KvCache.PAGE);
      }
    }
    for (int i = 0; i < tile.queries(); i++) {
      int seen = of.firstSeen(tile.row(i));
      int keys = of.position(tile.row(i)) + 1;
      int at = tile.wholeRow(i) + seen;
      of.observer().scores(tile.head(i), tile.row(i), room.wholeRows, at, seen, keys);
    }
    for (int run = 0; run < of.runs(); run++) {
      tile.takeIn(run, true);
      runs.store(tile, run);
    }
    if (of.runs() > 1) {
      int firstHead = tile.head(0);
      runs.combine(of, tile.firstRow(), tile.endRow(), firstHead, firstHead + of.group(), room);
    }
    for (int i = 0; i < tile.queries(); i++) {
      pattern(i);
    }
  }

  /// Shows how much a query attends to the sink and to what it sees; if that is changed, its result
  /// follows from it.
  private void pattern(int query) {
    int row = tile.row(query);
    int head = tile.head(query);
    int seen = of.firstSeen(row);
    int keys = of.position(row) + 1;
    int at = tile.wholeRow(query);
    float[] pattern = room.wholeRows;
    Arrays.fill(pattern, at + tile.firstPage(), at + seen, 0);
    float onSink = onSink(head, pattern, at + seen, at + keys);
    room.onSink[0] = onSink;
    if (attention.scoring.sinks().apply()) {
      of.observer().sink(head, row, room.onSink, 0);
    }
    if (seesAny(pattern, at + seen, at + keys)) {
      attention.kernels.softmax(pattern, at + seen, keys - seen);
    } else {
      Arrays.fill(pattern, at + seen, at + keys, 0);
    }
    if (room.onSink[0] != 0) { // which keys are left the rest of
      attention.kernels.scale(pattern, at + seen, 1 - room.onSink[0], keys - seen);
    }
    float[] before = room.requireRow(keys - seen);
    System.arraycopy(pattern, at + seen, before, 0, keys - seen);
    of.observer().pattern(head, row, pattern, at + seen, seen, keys);
    boolean changed =
        room.onSink[0] != onSink
            || !Arrays.equals(pattern, at + seen, at + keys, before, 0, keys - seen);
    if (changed) { // otherwise the result stays, to the bit
      weigh(query, pattern, at, keys);
    }
  }

  /// The result of a query from its pattern.
  private void weigh(int query, float[] pattern, int at, int keys) {
    int valueSize = attention.heads.valueSize();
    Arrays.fill(room.results, query * valueSize, (query + 1) * valueSize, 0);
    for (int page = tile.firstPage(); page < keys; page += KvCache.PAGE) {
      int count = Math.min(KvCache.PAGE, keys - page);
      tile.addValues(page, count, 1, pattern, at + page, tile.wholeRowLength(), query);
    }
    of.write(room.results, query * valueSize, 1, tile.row(query), tile.head(query));
  }

  /// The share of a row that falls on the sink of its head.
  private float onSink(int head, float[] scores, int from, int to) {
    Sinks sinks = attention.scoring.sinks();
    return sinks.apply() ? sinks.share(head, scores, from, to) : 0;
  }

  private static boolean seesAny(float[] scores, int from, int to) {
    for (int i = from; i < to; i++) {
      if (scores[i] != Float.NEGATIVE_INFINITY) {
        return true;
      }
    }
    return false;
  }
}
