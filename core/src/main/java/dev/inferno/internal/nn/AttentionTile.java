package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import java.util.Arrays;

/// The query heads that share a key-value head, of some rows of a segment: what a task is about. It
/// has the room that the task needs, which grows and is used again.
///
/// It takes in pages one by one with an online softmax (<https://arxiv.org/abs/1805.02867>,
/// <https://arxiv.org/abs/2205.14135>): scores by a product with the page's keys, their
/// exponentials below the highest so far, what was summed before multiplied by what that maximum
/// grew, results by a product with the page's values. So a page is read and converted once for all
/// these queries, and no more than a page of scores is kept.
final class AttentionTile {
  final AttentionRoom room = new AttentionRoom();
  private SegmentAttention of = new SegmentAttention();
  private int first;
  private int rows;
  private int keyValueHead;

  /// Begins with the index-th tile of a segment: copies its queries, multiplied by the scale of
  /// scores.
  void begin(SegmentAttention of, int index, int keyValueHead) {
    this.of = of;
    this.keyValueHead = keyValueHead;
    first = index * of.tileRows();
    rows = Math.min(of.tileRows(), of.segment().rows() - first);
    Attention.Heads heads = of.attention().heads;
    int size = of.group() * heads.keySize(); // the group's queries lie side by side
    room.require(queries(), heads);
    for (int row = 0; row < rows; row++) {
      int from = (of.segment().firstRow + first + row) * of.qkv().width() + keyValueHead * size;
      System.arraycopy(of.qkv().data(), from, room.queries, row * size, size);
    }
    of.attention().kernels.scale(room.queries, 0, of.attention().scoring.scale(), rows * size);
  }

  SegmentAttention of() {
    return of;
  }

  int queries() {
    return rows * of.group();
  }

  /// The row of one of its queries.
  int row(int query) {
    return first + query / of.group();
  }

  /// The head of one of its queries.
  int head(int query) {
    return keyValueHead * of.group() + query % of.group();
  }

  int firstRow() {
    return first;
  }

  int endRow() {
    return first + rows;
  }

  /// The first position of the page of the first position that it sees.
  int firstPage() {
    return of.firstSeen(first) / KvCache.PAGE * KvCache.PAGE;
  }

  /// Behind the last position that it sees.
  int end() {
    return of.position(first + rows);
  }

  /// Takes in a run of pages; the sums begin anew.
  ///
  /// @param known whether the scores are known already, in {@link AttentionRoom#wholeRows}
  void takeIn(int run, boolean known) {
    int valueSize = of.attention().heads.valueSize();
    Kernels kernels = of.attention().kernels;
    int queries = queries();
    Arrays.fill(room.maxima, 0, queries, -Float.MAX_VALUE);
    Arrays.fill(room.sums, 0, queries, 0);
    Arrays.fill(room.results, 0, queries * valueSize, 0);
    int end = of.runEnd(run, first + rows - 1);
    for (int page = Math.max(of.runBegin(run), firstPage()); page < end; page += KvCache.PAGE) {
      if (known) {
        takeScores(page);
      } else {
        scores(page);
      }
      kernels.softmaxBlock(
          room.scores, queries, KvCache.PAGE, room.maxima, room.sums, room.factors);
      for (int i = 0; i < queries; i++) {
        if (room.factors[i] != 1) {
          kernels.scale(room.results, i * valueSize, room.factors[i], valueSize);
        }
      }
      int count = Math.min(KvCache.PAGE, end - page);
      addValues(page, count, queries, room.scores, 0, KvCache.PAGE, 0);
    }
  }

  /// The scores of its queries in a page, minus infinity where a row does not see.
  void scores(int page) {
    Kernels kernels = of.attention().kernels;
    Attention.Scoring scoring = of.attention().scoring;
    int keySize = of.attention().heads.keySize();
    KvRows keys = of.page(page).keys;
    kernels.pageProduct(
        room.queries,
        0,
        keySize,
        queries(),
        keys.panel(kernels, keyValueHead, KvCache.PAGE, room),
        keys.panelAt(keyValueHead),
        KvCache.PAGE,
        keySize,
        room.scores,
        0,
        KvCache.PAGE,
        KvCache.PAGE,
        false);
    if (scoring.softcap() > 0) {
      kernels.softcap(room.scores, 0, scoring.softcap(), queries() * KvCache.PAGE);
    }
    for (int row = 0; row < rows; row++) {
      int position = of.position(first + row);
      int from = Math.clamp(of.firstSeen(first + row) - page, 0, KvCache.PAGE);
      int to = Math.clamp(position + 1 - page, from, KvCache.PAGE);
      for (int i = 0; i < of.group(); i++) {
        int at = (row * of.group() + i) * KvCache.PAGE;
        if (scoring.alibi().applies()) {
          alibi(keyValueHead * of.group() + i, position, at, page, from, to);
        }
        Arrays.fill(room.scores, at, at + from, Float.NEGATIVE_INFINITY);
        Arrays.fill(room.scores, at + to, at + KvCache.PAGE, Float.NEGATIVE_INFINITY);
      }
    }
  }

  private void alibi(int head, int position, int at, int page, int from, int to) {
    Alibi alibi = of.attention().scoring.alibi();
    alibi.apply(head, position, room.scores, at + from, page + from, to - from);
  }

  /// The scores of a page out of whole rows of them.
  private void takeScores(int page) {
    for (int i = 0; i < queries(); i++) {
      System.arraycopy(
          room.wholeRows, wholeRow(i) + page, room.scores, i * KvCache.PAGE, KvCache.PAGE);
    }
  }

  /// Where position 0 of a query's whole row of scores would be: the row begins with the first
  /// page.
  int wholeRow(int query) {
    return query * wholeRowLength() - firstPage();
  }

  /// How long whole rows are: all pages that it sees.
  int wholeRowLength() {
    return (end() - firstPage() + KvCache.PAGE - 1) / KvCache.PAGE * KvCache.PAGE;
  }

  /// Adds the weighted values of a page to the results of `queries` queries, from the `result`-th
  /// on.
  void addValues(
      int page,
      int count,
      int queries,
      float[] weights,
      int weightsAt,
      int weightsStride,
      int result) {
    Kernels kernels = of.attention().kernels;
    int valueSize = of.attention().heads.valueSize();
    KvRows values = of.page(page).values;
    kernels.pageProduct(
        weights,
        weightsAt,
        weightsStride,
        queries,
        values.panel(kernels, keyValueHead, count, room),
        values.panelAt(keyValueHead),
        KvLayout.valuePanelWidth(valueSize),
        count,
        room.results,
        result * valueSize,
        valueSize,
        valueSize,
        true);
  }
}
