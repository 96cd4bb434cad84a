package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Team;
import dev.inferno.internal.nn.AttentionScratch.Room;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The arithmetic of {@link Attention} for one segment in one layer, cut into tasks for the team:
/// one per row and head of a short segment, one per tile of queries and key-value head of a long
/// one. One object, used again for every layer.
final class AttentionWork implements Team.Tasks {
  private static final int TILE = 64; // queries of a long segment that share a packed page

  private final AttentionScratch scratch;

  // What the tasks of this moment work on; set by of, read by the team.
  private @Nullable Attention attention;
  private @Nullable Segment segment;
  private @Nullable Rows qkv;
  private @Nullable Rows z;
  private Observer.@Nullable AttentionSink sink;
  private int layer;

  AttentionWork(AttentionScratch scratch) {
    this.scratch = scratch;
  }

  AttentionWork of(Attention attention, int layer, Segment segment, Rows qkv, Rows z) {
    this.attention = attention;
    this.layer = layer;
    this.segment = segment;
    this.qkv = qkv;
    this.z = z;
    int position = segment.firstPosition();
    int firstKey = segment.rows() == 1 ? attention.scoring.firstVisible(position) : 0;
    this.sink = segment.observer().attentionSink(layer, segment, firstKey);
    return this;
  }

  /// Does all of it on at most so many threads, and then holds nothing, since its session may be
  /// dropped.
  void share(int threads) {
    Segment segment = present(this.segment);
    Attention.Heads heads = present(attention).heads;
    int tasks =
        isLong(segment) ? tiles(segment) * heads.keyValueHeads() : segment.rows() * heads.heads();
    try {
      Team.shared().run(threads, tasks, this);
    } finally {
      this.segment = null;
      this.sink = null;
    }
  }

  @Override
  public void run(int task) {
    Attention attention = present(this.attention);
    Segment segment = present(this.segment);
    int heads = attention.heads.heads();
    int keyValueHeads = attention.heads.keyValueHeads();
    Room room = scratch.take();
    if (isLong(segment)) {
      // the tiles with the longest past first, so that no thread is left with one of them at the
      // end
      int tile = tiles(segment) - 1 - task / keyValueHeads;
      tile(attention, segment, tile, task % keyValueHeads, room);
    } else {
      one(attention, segment, task / heads, task % heads, room);
    }
    scratch.giveBack(room);
  }

  private static boolean isLong(Segment segment) {
    return segment.rows() > Rows.SHORT_SEGMENT;
  }

  private static int tiles(Segment segment) {
    return (segment.rows() + TILE - 1) / TILE;
  }

  /// One head of one row, key by key.
  private void one(Attention attention, Segment segment, int row, int head, Room room) {
    Attention.Heads heads = attention.heads;
    Kernels kernels = attention.kernels;
    Rows qkv = present(this.qkv);
    Rows z = present(this.z);
    int position = segment.firstPosition() + row;
    int keys = position + 1;
    int first = attention.scoring.firstVisible(position);
    int base = pageOf(first); // scores[0] is of this position
    room.require(paddedKeys(keys - base), 0, 0);
    float[] scores = room.scores;
    int keyValueHead = head / (heads.heads() / heads.keyValueHeads());
    int q = (segment.firstRow + row) * qkv.width() + head * heads.keySize();

    for (int from = base; from < keys; from += KvCache.PAGE) {
      segment
          .cache()
          .page(layer, from / KvCache.PAGE)
          .scores(
              kernels,
              qkv.data(),
              q,
              keyValueHead * heads.keySize(),
              heads.keySize(),
              Math.min(KvCache.PAGE, keys - from),
              attention.scoring.scale(),
              scores,
              from - base);
    }
    probabilities(attention, head, row, scores, -base, base, first, keys);

    int to = (segment.firstRow + row) * z.width() + head * heads.valueSize();
    Arrays.fill(z.data(), to, to + heads.valueSize(), 0);
    for (int from = base; from < keys; from += KvCache.PAGE) {
      segment
          .cache()
          .page(layer, from / KvCache.PAGE)
          .mix(
              kernels,
              scores,
              from - base,
              keyValueHead * heads.valueSize(),
              heads.valueSize(),
              Math.min(KvCache.PAGE, keys - from),
              z.data(),
              to);
    }
  }

  /// Turns the scaled scores of positions `from` to `keys` (exclusive) into how much each counts.
  ///
  /// @param at where the score of position 0 is, or would be
  /// @param seen the first position that is visible
  private void probabilities(
      Attention attention,
      int head,
      int row,
      float[] scores,
      int at,
      int from,
      int seen,
      int keys) {
    Observer.AttentionSink sink = this.sink;
    if (attention.scoring.softcap() > 0) {
      attention.kernels.softcap(scores, at + from, attention.scoring.softcap(), keys - from);
    }
    Arrays.fill(scores, at + from, at + seen, Float.NEGATIVE_INFINITY);
    if (sink != null && !sink.scores(head, row, scores, at + seen, seen, keys)) {
      Arrays.fill(scores, at + from, at + keys, 0);
    } else {
      attention.kernels.softmax(scores, at + from, keys - from);
    }
    if (sink != null) {
      sink.pattern(head, row, scores, at + seen, seen, keys);
    }
  }

  /// A tile of queries, in all query heads that share a key-value head: scores by a product with
  /// packed keys, softmax of what each row may see, results by a product with packed values.
  private void tile(Attention attention, Segment segment, int tile, int keyValueHead, Room room) {
    Attention.Heads heads = attention.heads;
    Kernels kernels = attention.kernels;
    Rows qkv = present(this.qkv);
    Rows z = present(this.z);
    int group = heads.heads() / heads.keyValueHeads();
    int firstHead = keyValueHead * group;
    int first = tile * TILE;
    int rows = Math.min(TILE, segment.rows() - first);
    int position = segment.firstPosition() + first;
    int keys = position + rows; // those that the last row sees
    int base = pageOf(attention.scoring.firstVisible(position)); // column 0 of the scores
    int stride = paddedKeys(keys - base);
    int panelWidth = (heads.valueSize() + 15) / 16 * 16;
    room.require(
        group * rows * stride,
        KvCache.PAGE * Math.max(heads.keySize(), panelWidth),
        heads.keySize());
    float[] scores = room.scores; // [group, rows, stride]
    float[] panel = room.panel;

    for (int from = base; from < keys; from += KvCache.PAGE) {
      int count = Math.min(KvCache.PAGE, keys - from);
      segment
          .cache()
          .page(layer, from / KvCache.PAGE)
          .packKeys(
              kernels, keyValueHead * heads.keySize(), heads.keySize(), count, room.key, panel);
      for (int g = 0; g < group; g++) {
        int q = (segment.firstRow + first) * qkv.width() + (firstHead + g) * heads.keySize();
        kernels.tile(
            qkv.data(),
            q,
            qkv.width(),
            rows,
            panel,
            KvCache.PAGE,
            heads.keySize(),
            scores,
            g * rows * stride + from - base,
            stride,
            count,
            false);
      }
    }

    for (int g = 0; g < group; g++) {
      for (int row = 0; row < rows; row++) {
        int at = (g * rows + row) * stride - base; // where position 0 would be
        int visible = position + row + 1;
        int seen = attention.scoring.firstVisible(position + row);
        int own = pageOf(seen); // where the row would begin if it were alone
        Arrays.fill(scores, at + base, at + own, 0);
        kernels.scale(scores, at + own, attention.scoring.scale(), visible - own);
        probabilities(attention, firstHead + g, first + row, scores, at, own, seen, visible);
        Arrays.fill(scores, at + visible, at + keys, 0);
      }
    }

    for (int from = base; from < keys; from += KvCache.PAGE) {
      int count = Math.min(KvCache.PAGE, keys - from);
      segment
          .cache()
          .page(layer, from / KvCache.PAGE)
          .packValues(
              kernels,
              keyValueHead * heads.valueSize(),
              heads.valueSize(),
              count,
              panelWidth,
              panel);
      for (int g = 0; g < group; g++) {
        int to = (segment.firstRow + first) * z.width() + (firstHead + g) * heads.valueSize();
        kernels.tile(
            scores,
            g * rows * stride + from - base,
            stride,
            rows,
            panel,
            panelWidth,
            count,
            z.data(),
            to,
            z.width(),
            heads.valueSize(),
            from > base);
      }
    }
  }

  /// The first position of a position's page.
  private static int pageOf(int position) {
    return position / KvCache.PAGE * KvCache.PAGE;
  }

  private static int paddedKeys(int keys) {
    return (keys + KvCache.PAGE - 1) / KvCache.PAGE * KvCache.PAGE;
  }

  private static <T> T present(@Nullable T field) {
    if (field == null) {
      throw new IllegalStateException("no segment to work on");
    }
    return field;
  }
}
