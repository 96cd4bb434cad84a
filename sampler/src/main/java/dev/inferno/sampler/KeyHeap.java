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

  /// Makes a heap of the `size` keys from `start`.
  static void heapify(long[] keys, int start, int size) {
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(keys, start, i, size);
    }
  }

  /// Restores the heap of `size` keys from `start` after the root was replaced.
  static void sinkRoot(long[] keys, int start, int size) {
    sink(keys, start, 0, size);
  }

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
