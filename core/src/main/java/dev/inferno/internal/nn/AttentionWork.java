package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.kernels.Team;
import dev.inferno.internal.nn.AttentionScratch.Room;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The arithmetic of {@link Attention} for all segments in one layer, cut into tasks for the team.
/// One object, used again for every layer.
///
/// A task is about the query heads that share a key-value head, of a tile of rows, and about a run
/// of pages. It takes them page by page with an online softmax (<https://arxiv.org/abs/1805.02867>,
/// <https://arxiv.org/abs/2205.14135>): scores by a product with the page's keys, their
/// exponentials below the highest so far, what was summed before multiplied by what that maximum
/// grew, results by a product with the page's values; a sink joins the sum at last. So a page is
/// read and converted once for all these queries, and no more than a page of scores is kept.
///
/// A long segment's run is all of its past; a short one's past is cut into runs of {@link #RUN}
/// positions, counted from 0, which are put together in their order: one token's attention to a
/// long past is work for several threads, too. A row's bits depend on neither tile nor company: in
/// a page that it does not see its scores are minus infinity, and change nothing, as long as the
/// values there are numbers.
///
/// Where somebody looks on, the scores of whole rows are computed first, shown, perhaps changed,
/// and then taken in by the very same steps.
final class AttentionWork implements Team.Tasks {
  private static final int MOST_ROWS = 64; // of a tile
  private static final int QUERIES = 192; // of a tile, a multiple of what products take whole
  static final int RUN = 4 * KvCache.PAGE;

  private final AttentionScratch scratch;

  // What the tasks of this moment work on; set by attend, read by the team.
  private @Nullable Attention attention;
  private @Nullable Rows qkv;
  private @Nullable Rows z;
  private List<Segment> segments = List.of();
  private Observer.@Nullable AttentionObserver[] observers = new Observer.AttentionObserver[1];
  private int[] lastTasks = new int[1]; // of each segment, the number behind its last task
  private int[] runsAt = new int[1]; // of each segment, its first place in the scratch's runs
  private int layer;

  AttentionWork(AttentionScratch scratch) {
    this.scratch = scratch;
  }

  /// Attends from all queries in `qkv` to what the caches hold, into `z`.
  void attend(Attention attention, int layer, Batch batch, Rows qkv, Rows z) {
    this.attention = attention;
    this.layer = layer;
    this.qkv = qkv;
    this.z = z;
    segments = batch.segments();
    try {
      int tasks = prepare(attention);
      Team.shared().run(batch.threads(), tasks, this);
      Room room = scratch.take();
      room.require(1, attention.heads);
      for (int s = 0; s < segments.size(); s++) {
        if (observers[s] == null && runs(segments.get(s)) > 1) {
          combine(attention, s, 0, segments.get(s).rows(), 0, attention.heads.heads(), room);
        }
      }
      scratch.giveBack(room);
    } finally { // hold nothing, since sessions may be dropped
      segments = List.of();
      Arrays.fill(observers, null);
    }
  }

  private int prepare(Attention attention) {
    Attention.Heads heads = attention.heads;
    if (observers.length < segments.size()) {
      observers = new Observer.AttentionObserver[segments.size()];
      lastTasks = new int[segments.size()];
      runsAt = new int[segments.size()];
    }
    int tasks = 0;
    int runs = 0;
    for (int s = 0; s < segments.size(); s++) {
      Segment segment = segments.get(s);
      int position = segment.firstPosition();
      int firstKey = segment.rows() == 1 ? attention.scoring.firstVisible(position) : 0;
      observers[s] = segment.observer().attentionObserver(layer, segment, firstKey);
      int parts = observers[s] == null ? runs(segment) : 1; // whole rows are one task's
      tasks += tiles(segment) * heads.keyValueHeads() * parts;
      lastTasks[s] = tasks;
      runsAt[s] = runs;
      if (runs(segment) > 1) {
        runs += runs(segment) * segment.rows() * heads.heads();
      }
    }
    scratch.requireRuns(runs, heads.valueSize());
    return tasks;
  }

  @Override
  public void run(int task) {
    Attention attention = present(this.attention);
    int s = 0;
    while (task >= lastTasks[s]) {
      s++;
    }
    Segment segment = segments.get(s);
    int keyValueHeads = attention.heads.keyValueHeads();
    int head = (lastTasks[s] - 1 - task) % keyValueHeads;
    // from the end: the tiles with the longest past first, so that no thread is left with one
    int part = (lastTasks[s] - 1 - task) / keyValueHeads;
    Room room = scratch.take();
    if (observers[s] != null) {
      watched(attention, s, part, head, room);
    } else {
      int runs = runs(segment);
      var tile = tile(segment, part / runs);
      oneRun(attention, s, tile, rows(segment, tile), head, part % runs, runs, room);
    }
    scratch.giveBack(room);
  }

  /// The first row of a tile of a segment.
  private int tile(Segment segment, int index) {
    return index * tileRows(segment);
  }

  /// How many rows the tile has that begins there.
  private int rows(Segment segment, int first) {
    return Math.min(tileRows(segment), segment.rows() - first);
  }

  private int tiles(Segment segment) {
    int rows = tileRows(segment);
    return (segment.rows() + rows - 1) / rows;
  }

  private int tileRows(Segment segment) {
    if (!isLong(segment)) {
      return Rows.SHORT_SEGMENT;
    }
    return Math.clamp(QUERIES / group(present(attention).heads), 1, MOST_ROWS);
  }

  private static boolean isLong(Segment segment) {
    return segment.rows() > Rows.SHORT_SEGMENT;
  }

  /// How many query heads share a key-value head.
  private static int group(Attention.Heads heads) {
    return heads.heads() / heads.keyValueHeads();
  }

  /// How many runs of pages any row of a segment sees.
  private int runs(Segment segment) {
    if (isLong(segment)) {
      return 1;
    }
    int last = segment.firstPosition() + segment.rows() - 1;
    return last / RUN - firstSeen(segment, 0) / RUN + 1;
  }

  /// The first position that a row sees.
  private int firstSeen(Segment segment, int row) {
    return present(attention).scoring.firstVisible(segment.firstPosition() + row);
  }

  /// The first position of a run of a segment.
  private int runBegin(Segment segment, int run) {
    return isLong(segment) ? 0 : (firstSeen(segment, 0) / RUN + run) * RUN;
  }

  /// One run of pages for one tile.
  private void oneRun(
      Attention attention,
      int s,
      int first,
      int rows,
      int keyValueHead,
      int run,
      int runs,
      Room room) {
    Segment segment = segments.get(s);
    begin(attention, segment, first, rows, keyValueHead, room);
    accumulate(attention, segment, first, rows, keyValueHead, run, room, false);
    store(attention, s, first, rows, keyValueHead, run, runs, room);
  }

  /// Copies the tile's queries and multiplies them by the scale of scores.
  private void begin(
      Attention attention, Segment segment, int first, int rows, int keyValueHead, Room room) {
    Attention.Heads heads = attention.heads;
    Rows qkv = present(this.qkv);
    int group = group(heads);
    int size = group * heads.keySize(); // the group's queries lie side by side
    room.require(rows * group, heads);
    for (int row = 0; row < rows; row++) {
      int from = (segment.firstRow + first + row) * qkv.width() + keyValueHead * size;
      System.arraycopy(qkv.data(), from, room.queries, row * size, size);
    }
    attention.kernels.scale(room.queries, 0, attention.scoring.scale(), rows * size);
  }

  /// Takes a run's pages into the room's sums, which begin anew.
  ///
  /// @param known whether the room holds whole rows of scores
  private void accumulate(
      Attention attention,
      Segment segment,
      int first,
      int rows,
      int keyValueHead,
      int run,
      Room room,
      boolean known) {
    Kernels kernels = attention.kernels;
    int queries = rows * group(attention.heads);
    int valueSize = attention.heads.valueSize();
    Arrays.fill(room.maxima, 0, queries, -Float.MAX_VALUE);
    Arrays.fill(room.sums, 0, queries, 0);
    Arrays.fill(room.results, 0, queries * valueSize, 0);

    int begin = Math.max(runBegin(segment, run), firstPage(segment, first));
    int end = segment.firstPosition() + first + rows; // behind the last that anyone sees
    if (!isLong(segment)) {
      end = Math.min(end, runBegin(segment, run) + RUN);
    }
    for (int page = begin; page < end; page += KvCache.PAGE) {
      int count = Math.min(KvCache.PAGE, end - page);
      if (known) {
        takeScores(segment, first, rows, queries, page, room);
      } else {
        scores(attention, segment, first, rows, keyValueHead, page, room);
      }
      kernels.softmaxBlock(
          room.scores, queries, KvCache.PAGE, room.maxima, room.sums, room.factors);
      for (int i = 0; i < queries; i++) {
        if (room.factors[i] != 1) {
          kernels.scale(room.results, i * valueSize, room.factors[i], valueSize);
        }
      }
      addValues(
          attention,
          segment,
          keyValueHead,
          page,
          count,
          room,
          queries,
          room.scores,
          0,
          KvCache.PAGE,
          0);
    }
  }

  /// The first position of the page of the first position that a tile sees.
  private int firstPage(Segment segment, int first) {
    return firstSeen(segment, first) / KvCache.PAGE * KvCache.PAGE;
  }

  /// The scores of the tile's queries in a page, minus infinity where a row does not see.
  private void scores(
      Attention attention,
      Segment segment,
      int first,
      int rows,
      int keyValueHead,
      int page,
      Room room) {
    Kernels kernels = attention.kernels;
    int group = group(attention.heads);
    int keySize = attention.heads.keySize();
    KvRows keys = segment.cache().page(layer, page / KvCache.PAGE).keys;
    kernels.pageProduct(
        room.queries,
        0,
        keySize,
        rows * group,
        keys.panel(kernels, keyValueHead, KvCache.PAGE, room),
        keys.panelAt(keyValueHead),
        KvCache.PAGE,
        keySize,
        room.scores,
        0,
        KvCache.PAGE,
        KvCache.PAGE,
        false);
    if (attention.scoring.softcap() > 0) {
      kernels.softcap(room.scores, 0, attention.scoring.softcap(), rows * group * KvCache.PAGE);
    }
    Alibi alibi = attention.scoring.alibi();
    for (int row = 0; row < rows; row++) {
      int position = segment.firstPosition() + first + row;
      int from = Math.clamp(firstSeen(segment, first + row) - page, 0, KvCache.PAGE);
      int to = Math.clamp(position + 1 - page, from, KvCache.PAGE);
      for (int i = 0; alibi.applies() && i < group; i++) {
        int at = (row * group + i) * KvCache.PAGE + from;
        alibi.apply(keyValueHead * group + i, position, room.scores, at, page + from, to - from);
      }
      if (from == 0 && to == KvCache.PAGE) {
        continue;
      }
      for (int i = row * group; i < (row + 1) * group; i++) {
        int at = i * KvCache.PAGE;
        Arrays.fill(room.scores, at, at + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(room.scores, at + to, at + KvCache.PAGE, Float.NEGATIVE_INFINITY);
      }
    }
  }

  /// Adds the weighted values of a page to the results of `queries` queries, from the `result`-th
  /// on.
  private void addValues(
      Attention attention,
      Segment segment,
      int keyValueHead,
      int page,
      int count,
      Room room,
      int queries,
      float[] weights,
      int weightsAt,
      int weightsStride,
      int result) {
    int valueSize = attention.heads.valueSize();
    KvRows values = segment.cache().page(layer, page / KvCache.PAGE).values;
    attention.kernels.pageProduct(
        weights,
        weightsAt,
        weightsStride,
        queries,
        values.panel(attention.kernels, keyValueHead, count, room),
        values.panelAt(keyValueHead),
        KvLayout.valuePanelWidth(valueSize),
        count,
        room.results,
        result * valueSize,
        valueSize,
        valueSize,
        true);
  }

  /// Brings a run's sums to where they belong: to z if there is no other run.
  private void store(
      Attention attention,
      int s,
      int first,
      int rows,
      int keyValueHead,
      int run,
      int runs,
      Room room) {
    int group = group(attention.heads);
    int valueSize = attention.heads.valueSize();
    for (int i = 0; i < rows * group; i++) {
      int row = first + i / group;
      int head = keyValueHead * group + i % group;
      if (runs == 1) {
        int to = zAt(attention, s, row, head);
        float sum = room.sums[i] + attention.scoring.sinks().weight(head, room.maxima[i]);
        writeResult(room.results, i * valueSize, sum, valueSize, to);
        continue;
      }
      int place = place(attention, s, run, row, head);
      System.arraycopy(
          room.results, i * valueSize, scratch.runResults, place * valueSize, valueSize);
      scratch.runMaxima[place] = room.maxima[i];
      scratch.runSums[place] = room.sums[i];
    }
  }

  private int place(Attention attention, int s, int run, int row, int head) {
    return runsAt[s] + (run * segments.get(s).rows() + row) * attention.heads.heads() + head;
  }

  private int zAt(Attention attention, int s, int row, int head) {
    return (segments.get(s).firstRow + row) * present(z).width()
        + head * attention.heads.valueSize();
  }

  /// What a weighted sum is multiplied by; a row that sees nothing attends to nothing.
  private static float inverse(float sum) {
    return sum == 0 ? 0 : 1 / sum;
  }

  /// Divides a weighted sum by its weights.
  private void writeResult(float[] results, int at, float sum, int size, int to) {
    float factor = inverse(sum);
    float[] z = present(this.z).data();
    for (int i = 0; i < size; i++) {
      z[to + i] = results[at + i] * factor;
    }
  }

  /// Puts the runs of some rows and heads together, as if each run were a key with a value, the
  /// run's highest score and its result.
  private void combine(
      Attention attention, int s, int firstRow, int endRow, int firstHead, int endHead, Room room) {
    Kernels kernels = attention.kernels;
    Segment segment = segments.get(s);
    int runs = runs(segment);
    int size = attention.heads.valueSize();
    int toNextRun = segment.rows() * attention.heads.heads();
    float[] weights = room.requireRuns(runs);
    for (int row = firstRow; row < endRow; row++) {
      for (int head = firstHead; head < endHead; head++) {
        int place = place(attention, s, 0, row, head);
        Arrays.fill(weights, Float.NEGATIVE_INFINITY);
        for (int run = 0; run < runs; run++) {
          weights[run] = scratch.runMaxima[place + run * toNextRun];
        }
        room.maxima[0] = -Float.MAX_VALUE;
        kernels.softmaxBlock(weights, 1, weights.length, room.maxima, room.sums, room.factors);
        float sum = 0;
        for (int run = 0; run < runs; run++) {
          sum += weights[run] * scratch.runSums[place + run * toNextRun];
        }
        sum += attention.scoring.sinks().weight(head, room.maxima[0]);
        kernels.scale(weights, 0, inverse(sum), runs);
        kernels.pageProduct(
            weights,
            0,
            runs,
            1,
            scratch.runResults,
            place * size,
            toNextRun * size,
            runs,
            present(z).data(),
            zAt(attention, s, row, head),
            size,
            size,
            false);
      }
    }
  }

  /// A tile on which somebody looks on: whole rows of scores, page by page as ever; then the sums,
  /// run by run as ever; then the pattern beside it.
  private void watched(Attention attention, int s, int tile, int keyValueHead, Room room) {
    Segment segment = segments.get(s);
    int first = tile(segment, tile);
    int rows = rows(segment, first);
    int group = group(attention.heads);
    begin(attention, segment, first, rows, keyValueHead, room);
    int base = firstPage(segment, first);
    int end = segment.firstPosition() + first + rows;
    int stride = stride(base, end);
    room.requireWholeRows(rows * group * stride);
    for (int page = base; page < end; page += KvCache.PAGE) {
      scores(attention, segment, first, rows, keyValueHead, page, room);
      for (int i = 0; i < rows * group; i++) {
        System.arraycopy(
            room.scores, i * KvCache.PAGE, room.wholeRows, i * stride + page - base, KvCache.PAGE);
      }
    }
    Observer.AttentionObserver observer = present(observers[s]);
    for (int i = 0; i < rows * group; i++) {
      int row = first + i / group;
      int seen = firstSeen(segment, row);
      int keys = segment.firstPosition() + row + 1;
      int head = keyValueHead * group + i % group;
      observer.scores(head, row, room.wholeRows, i * stride + seen - base, seen, keys);
    }

    int runs = runs(segment);
    for (int run = 0; run < runs; run++) {
      accumulate(attention, segment, first, rows, keyValueHead, run, room, true);
      store(attention, s, first, rows, keyValueHead, run, runs, room);
    }
    if (runs > 1) {
      int firstHead = keyValueHead * group;
      combine(attention, s, first, first + rows, firstHead, firstHead + group, room);
    }
    for (int i = 0; i < rows * group; i++) {
      pattern(attention, s, first + i / group, keyValueHead, i, base, stride, room);
    }
  }

  private static int stride(int base, int end) {
    return (end - base + KvCache.PAGE - 1) / KvCache.PAGE * KvCache.PAGE;
  }

  /// The scores of a page out of whole rows of them.
  private void takeScores(Segment segment, int first, int rows, int queries, int page, Room room) {
    int base = firstPage(segment, first);
    int stride = stride(base, segment.firstPosition() + first + rows);
    for (int i = 0; i < queries; i++) {
      System.arraycopy(
          room.wholeRows, i * stride + page - base, room.scores, i * KvCache.PAGE, KvCache.PAGE);
    }
  }

  /// Shows how much a row attends to the sink and to what it sees; if that is changed, its result
  /// follows from it.
  private void pattern(
      Attention attention,
      int s,
      int row,
      int keyValueHead,
      int query,
      int base,
      int stride,
      Room room) {
    Segment segment = segments.get(s);
    int group = group(attention.heads);
    int valueSize = attention.heads.valueSize();
    int head = keyValueHead * group + query % group;
    int seen = firstSeen(segment, row);
    int keys = segment.firstPosition() + row + 1;
    int at = query * stride - base; // where position 0 would be
    float[] pattern = room.wholeRows;
    Arrays.fill(pattern, at + base, at + seen, 0);
    float onSink = onSink(attention, head, pattern, at + seen, at + keys);
    room.onSink[0] = onSink;
    if (attention.scoring.sinks().apply()) {
      present(observers[s]).sink(head, row, room.onSink, 0);
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
    present(observers[s]).pattern(head, row, pattern, at + seen, seen, keys);
    if (room.onSink[0] == onSink
        && Arrays.equals(pattern, at + seen, at + keys, before, 0, keys - seen)) {
      return; // the result stays, to the bit
    }
    Arrays.fill(room.results, query * valueSize, (query + 1) * valueSize, 0);
    for (int page = base; page < keys; page += KvCache.PAGE) {
      int count = Math.min(KvCache.PAGE, keys - page);
      addValues(
          attention,
          segment,
          keyValueHead,
          page,
          count,
          room,
          1,
          pattern,
          at + page,
          stride,
          query);
    }
    writeResult(room.results, query * valueSize, 1, valueSize, zAt(attention, s, row, head));
  }

  /// The share of a row that falls on the sink of its head.
  private static float onSink(Attention attention, int head, float[] scores, int from, int to) {
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

  private static <T> T present(@Nullable T field) {
    if (field == null) {
      throw new IllegalStateException("no segment to work on");
    }
    return field;
  }
}
