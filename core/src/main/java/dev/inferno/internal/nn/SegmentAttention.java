package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import org.jspecify.annotations.Nullable;

/// The attention of one segment in one layer: from what to what, and how it is cut into tasks.
///
/// A long segment is cut into tiles of rows, each of which looks at all of its past in one run. A
/// short one is one tile, and its past is cut into runs of {@link #RUN} positions, counted from 0,
/// so that one token's attention to a long past is work for several threads, too. Both are cut by
/// key-value heads. Used again for every layer; the team reads it.
final class SegmentAttention {
  private static final int MOST_ROWS = 64; // of a tile
  private static final int QUERIES = 192; // of a tile, a multiple of what products take whole
  static final int RUN = 4 * KvCache.PAGE;

  private @Nullable Attention attention;
  private @Nullable Segment segment;
  private @Nullable Rows qkv;
  private @Nullable Rows z;
  private Observer.@Nullable AttentionObserver observer;
  private int layer;
  private int group;
  private int runsAt;
  private int lastTask;

  /// Begins a layer.
  ///
  /// @param qkv where its queries are
  /// @param z where its results go
  void begin(Attention attention, int layer, Segment segment, Rows qkv, Rows z) {
    this.attention = attention;
    this.layer = layer;
    this.segment = segment;
    this.qkv = qkv;
    this.z = z;
    group = attention.heads.heads() / attention.heads.keyValueHeads();
    int firstKey = segment.rows() == 1 ? firstSeen(0) : 0;
    observer = segment.observer().attentionObserver(layer, segment, firstKey);
  }

  /// Numbers its tasks and its runs among those of all segments.
  ///
  /// @param firstTask how many tasks are before its own
  /// @param runsAt how many results of runs are before its own
  void number(int firstTask, int runsAt) {
    this.runsAt = runsAt;
    lastTask = firstTask + tiles() * attention().heads.keyValueHeads() * parts();
  }

  /// Holds nothing any more, since sessions may be dropped.
  void end() {
    attention = null;
    segment = null;
    qkv = null;
    z = null;
    observer = null;
  }

  Attention attention() {
    return present(attention);
  }

  Segment segment() {
    return present(segment);
  }

  Rows qkv() {
    return present(qkv);
  }

  /// Who looks on; only where {@link #isWatched}.
  Observer.AttentionObserver observer() {
    return present(observer);
  }

  boolean isWatched() {
    return observer != null;
  }

  /// The page that holds a position.
  KvPage page(int position) {
    return segment().cache().page(layer, position / KvCache.PAGE);
  }

  /// The number behind its last task.
  int lastTask() {
    return lastTask;
  }

  /// Into how many tasks a tile's key-value head is cut: as many as it has runs; where somebody
  /// looks on, whole rows are one task's.
  int parts() {
    return isWatched() ? 1 : runs();
  }

  private boolean isLong() {
    return segment().rows() > Rows.SHORT_SEGMENT;
  }

  /// How many query heads share a key-value head.
  int group() {
    return group;
  }

  int tileRows() {
    return isLong() ? Math.clamp(QUERIES / group, 1, MOST_ROWS) : Rows.SHORT_SEGMENT;
  }

  private int tiles() {
    int rows = tileRows();
    return (segment().rows() + rows - 1) / rows;
  }

  /// How many runs of pages any of its rows sees.
  int runs() {
    return isLong() ? 1 : position(segment().rows() - 1) / RUN - firstSeen(0) / RUN + 1;
  }

  /// Where a run of pages begins; it may be before the first one that is seen.
  int runBegin(int run) {
    return isLong() ? 0 : (firstSeen(0) / RUN + run) * RUN;
  }

  /// Behind the last position of a run, or of what a row sees.
  int runEnd(int run, int row) {
    int end = position(row) + 1;
    return isLong() ? end : Math.min(end, runBegin(run) + RUN);
  }

  /// The absolute position of a row.
  int position(int row) {
    return segment().firstPosition() + row;
  }

  /// The first position that a row sees.
  int firstSeen(int row) {
    return attention().scoring.firstVisible(position(row));
  }

  /// How many results of runs it has: of each run, row and head.
  int results() {
    return runs() == 1 ? 0 : runs() * toNextRun();
  }

  /// Which of the results of runs is that of a run, row and head.
  int result(int run, int row, int head) {
    return runsAt + run * toNextRun() + row * attention().heads.heads() + head;
  }

  /// How many results lie between those of one run and of the next.
  int toNextRun() {
    return segment().rows() * attention().heads.heads();
  }

  /// Where a row and head's result belongs in {@link #z}.
  int zAt(int row, int head) {
    return (segment().firstRow + row) * present(z).width() + head * attention().heads.valueSize();
  }

  float[] z() {
    return present(z).data();
  }

  /// Divides a weighted sum of values by the sum of their weights, and brings it where it belongs.
  void write(float[] results, int at, float sum, int row, int head) {
    float factor = inverse(sum);
    float[] z = z();
    int to = zAt(row, head);
    for (int i = 0; i < attention().heads.valueSize(); i++) {
      z[to + i] = results[at + i] * factor;
    }
  }

  /// What a weighted sum is multiplied by; a row that sees nothing attends to nothing.
  static float inverse(float sum) {
    return sum == 0 ? 0 : 1 / sum;
  }

  private static <T> T present(@Nullable T field) {
    if (field == null) {
      throw new IllegalStateException("no segment to work on");
    }
    return field;
  }
}
