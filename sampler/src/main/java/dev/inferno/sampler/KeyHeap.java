package dev.inferno.sampler;

/// Sorting and selecting {@link Keys} in place by a heap whose root is the largest key, that is the
/// worst candidate. `Arrays.sort` is faster on a hundred thousand, but allocates when it meets
/// runs.
final class KeyHeap {
  private KeyHeap() {}

  /// Sorts keys `start` to `end` (exclusive), best candidate first.
  static void sort(long[] keys, int start, int end) {
    int size = end - start;
    heapify(keys, start, size);
    for (int last = size - 1; last > 0; last--) {
      long worst = keys[start];
      keys[start] = keys[start + last];
      keys[start + last] = worst;
      sink(keys, start, 0, last);
    }
  }

  /// Brings the best `count` of `size` keys, fewer than there are, to the front, sorted; the others
  /// are behind them. A heap of `count` sees all others pass.
  static void select(long[] keys, int size, int count) {
    heapify(keys, 0, count);
    for (int i = count; i < size; i++) {
      long key = keys[i];
      if (key < keys[0]) {
        keys[i] = keys[0];
        keys[0] = key;
        sink(keys, 0, 0, count);
      }
    }
    sort(keys, 0, count);
  }

  /// As above, of tokens 0 to `size` - 1 with these logits.
  static void select(float[] logits, int size, long[] best, int count) {
    for (int id = 0; id < count; id++) {
      best[id] = Keys.of(logits[id], id);
    }
    heapify(best, 0, count);
    float worst = Keys.logit(best[0]);
    for (int id = count; id < size; id++) {
      if (logits[id] > worst) { // an equal one has the higher id
        best[0] = Keys.of(logits[id], id);
        sink(best, 0, 0, count);
        worst = Keys.logit(best[0]);
      }
    }
    sort(best, 0, count);
  }

  private static void heapify(long[] keys, int start, int size) {
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(keys, start, i, size);
    }
  }

  /// Restores the heap of `size` keys from `start` after the key at place `i` became smaller.
  private static void sink(long[] keys, int start, int i, int size) {
    long key = keys[start + i];
    for (int child = 2 * i + 1; child < size; child = 2 * i + 1) {
      if (child + 1 < size && keys[start + child + 1] > keys[start + child]) {
        child++;
      }
      if (keys[start + child] <= key) {
        break;
      }
      keys[start + i] = keys[start + child];
      i = child;
    }
    keys[start + i] = key;
  }
}
