package dev.inferno.tokenizer;

import java.util.Arrays;

/// Which two neighbouring symbols may become one, which one, and which pairs go first. Thread-safe
/// once filled.
final class MergeTable {

  /// What {@link #find} gives for a pair that cannot be merged; its rank is above every other.
  static final long NONE = Long.MAX_VALUE;

  private static final long EMPTY = -1;

  /// Two for each place: a pair, and its merge beside it, so that memory is waited for once.
  private long[] slots;

  private int size;

  MergeTable(int expectedSize) {
    this.slots = empty(Integer.highestOneBit(Math.max(8, expectedSize)) * 8);
  }

  private static long[] empty(int length) {
    long[] slots = new long[length];
    Arrays.fill(slots, EMPTY);
    return slots;
  }

  /// Says that a pair becomes `merged`; pairs of lower rank go first. The first word on a pair
  /// stays.
  void put(int left, int right, int rank, int merged) {
    if (4 * size >= slots.length) {
      grow();
    }
    long key = key(left, right);
    int slot = slot(key);
    if (slots[slot] == EMPTY) {
      slots[slot] = key;
      slots[slot + 1] = (long) rank << 32 | merged;
      size++;
    }
  }

  /// The merge of a pair, to be read with {@link #rank} and {@link #merged}, or {@link #NONE}.
  long find(int left, int right) {
    int slot = slot(key(left, right));
    return slots[slot] == EMPTY ? NONE : slots[slot + 1];
  }

  static int rank(long merge) {
    return (int) (merge >>> 32);
  }

  static int merged(long merge) {
    return (int) merge;
  }

  int size() {
    return size;
  }

  /// A symbol of -1, which no table has, makes a key that is in no table: -1 again, or less than
  /// it.
  private static long key(int left, int right) {
    return (long) left << 32 | right;
  }

  private int slot(long key) {
    int mask = slots.length - 2;
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 31) & mask;
    while (slots[slot] != EMPTY && slots[slot] != key) {
      slot = (slot + 2) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] old = slots;
    slots = empty(2 * old.length);
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != EMPTY) {
        int slot = slot(old[i]);
        slots[slot] = old[i];
        slots[slot + 1] = old[i + 1];
      }
    }
  }
}
