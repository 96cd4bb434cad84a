package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.MergeTable.NONE;

import java.util.Arrays;

/// Byte-pair encoding of one piece of text after another: as long as two neighbours can be merged,
/// the pair of the lowest rank is, of equal ones the leftmost.
///
/// Fill it with {@link #clear} and {@link #add}, call {@link #merge}, read what is left. A short
/// piece is searched for its best pair each time; a long one keeps its pairs in a heap, so that
/// time grows with n log n. For one thread.
///
/// Sennrich, Haddow, Birch: Neural Machine Translation of Rare Words with Subword Units,
/// <https://arxiv.org/abs/1508.07909>
final class Merger {

  /// From this many symbols on the heap is faster than the search.
  static final int HEAP_FROM = 48;

  /// Is told of merges in the order in which they are done.
  @FunctionalInterface
  interface Listener {

    /// Symbol `right` went into symbol `left`, both numbered as they were added. Until the end of
    /// merging, {@link #symbol}, {@link #start} and {@link #end} count in this way, too.
    void merged(int left, int right, int rank);
  }

  private static final Listener NOBODY = (_, _, _) -> {};

  private final MergeTable table;
  private int size;
  private int[] symbols = new int[HEAP_FROM];
  private int[] starts = new int[HEAP_FROM];
  private int[] ends = new int[HEAP_FROM];

  /// The merge of symbol i with its right neighbour.
  private long[] merges = new long[HEAP_FROM];

  // Only for the heap: neighbours by index, since symbols stay in place while they are merged.
  private int[] left = new int[0];
  private int[] right = new int[0];
  private long[] heap = new long[0];
  private int heapSize;

  Merger(MergeTable table) {
    this.table = table;
  }

  void clear() {
    size = 0;
  }

  /// Appends a symbol that stands for the bytes from `start` to `end` of the text.
  void add(int symbol, int start, int end) {
    if (size == symbols.length) {
      int capacity = 2 * size;
      symbols = Arrays.copyOf(symbols, capacity);
      starts = Arrays.copyOf(starts, capacity);
      ends = Arrays.copyOf(ends, capacity);
      merges = Arrays.copyOf(merges, capacity);
    }
    symbols[size] = symbol;
    starts[size] = start;
    ends[size] = end;
    size++;
  }

  int size() {
    return size;
  }

  int symbol(int i) {
    return symbols[i];
  }

  int start(int i) {
    return starts[i];
  }

  int end(int i) {
    return ends[i];
  }

  void merge() {
    if (size < HEAP_FROM) {
      mergeBySearch();
    } else {
      mergeByHeap();
    }
  }

  void mergeBySearch() {
    for (int i = 0; i < size; i++) {
      merges[i] = i + 1 < size ? table.find(symbols[i], symbols[i + 1]) : NONE;
    }
    while (true) {
      int best = 0;
      for (int i = 1; i < size; i++) {
        if (MergeTable.rank(merges[i]) < MergeTable.rank(merges[best])) {
          best = i;
        }
      }
      if (size == 0 || merges[best] == NONE) {
        return;
      }
      symbols[best] = MergeTable.merged(merges[best]);
      ends[best] = ends[best + 1];
      removeAfter(best);
      merges[best] = best + 1 < size ? table.find(symbols[best], symbols[best + 1]) : NONE;
      if (best > 0) {
        merges[best - 1] = table.find(symbols[best - 1], symbols[best]);
      }
    }
  }

  private void removeAfter(int i) {
    int moved = size - i - 2;
    System.arraycopy(symbols, i + 2, symbols, i + 1, moved);
    System.arraycopy(starts, i + 2, starts, i + 1, moved);
    System.arraycopy(ends, i + 2, ends, i + 1, moved);
    System.arraycopy(merges, i + 2, merges, i + 1, moved);
    size--;
  }

  void mergeByHeap() {
    merge(NOBODY);
  }

  /// The same in any case with the heap, in which symbols keep their numbers.
  void merge(Listener listener) {
    if (left.length < size) {
      left = new int[symbols.length];
      right = new int[symbols.length];
    }
    heapSize = 0;
    for (int i = 0; i < size; i++) {
      left[i] = i - 1;
      right[i] = i + 1 < size ? i + 1 : -1;
      offer(i);
    }
    while (heapSize > 0) {
      long top = poll();
      int i = (int) top;
      // An entry is out of date when the pair at its place has become another since.
      if (merges[i] == NONE || MergeTable.rank(merges[i]) != (int) (top >>> 32)) {
        continue;
      }
      int gone = right[i];
      symbols[i] = MergeTable.merged(merges[i]);
      ends[i] = ends[gone];
      listener.merged(i, gone, MergeTable.rank(merges[i]));
      merges[gone] = NONE;
      right[i] = right[gone];
      if (right[i] >= 0) {
        left[right[i]] = i;
      }
      offer(i);
      if (left[i] >= 0) {
        offer(left[i]);
      }
    }
    compact();
  }

  /// Looks up the pair that begins at `i`, and queues it if it can be merged.
  private void offer(int i) {
    merges[i] = right[i] < 0 ? NONE : table.find(symbols[i], symbols[right[i]]);
    if (merges[i] == NONE) {
      return;
    }
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, Math.max(2 * heapSize, size));
    }
    // The lower rank first, then the place further left.
    long entry = (merges[i] & 0xFFFF_FFFF_0000_0000L) | i;
    int at = heapSize++;
    while (at > 0 && heap[(at - 1) / 2] > entry) {
      heap[at] = heap[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap[at] = entry;
  }

  private long poll() {
    long top = heap[0];
    long last = heap[--heapSize];
    int at = 0;
    while (2 * at + 1 < heapSize) {
      int child = 2 * at + 1;
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }

  private void compact() {
    int kept = 0;
    for (int i = size == 0 ? -1 : 0; i >= 0; i = right[i]) {
      symbols[kept] = symbols[i];
      starts[kept] = starts[i];
      ends[kept] = ends[i];
      kept++;
    }
    size = kept;
  }
}
