package dev.inferno.tokenizer;

import java.util.Arrays;

/// Which two neighbouring symbols may become one, which one, and which pairs go first. Thread-safe
/// once filled.
final class MergeTable {

  /// What {@link #find} gives for a pair that cannot be merged; its rank is above every other.
  static final long NONE = Long.MAX_VALUE;

  private static final long EMPTY = -1;

  private long[] keys;
  private long[] merges;
  private int size;

  MergeTable(int expectedSize) {
    int capacity = Integer.highestOneBit(Math.max(8, expectedSize)) * 4;
    this.keys = new long[capacity];
    this.merges = new long[capacity];
    Arrays.fill(keys, EMPTY);
  }

  /// Says that a pair becomes `merged`; pairs of lower rank go first. The first word on a pair
  /// stays.
  void put(int left, int right, int rank, int merged) {
    if (2 * size >= keys.length) {
      grow();
    }
    long key = key(left, right);
    int slot = slot(key);
    if (keys[slot] == EMPTY) {
      keys[slot] = key;
      merges[slot] = (long) rank << 32 | merged;
      size++;
    }
  }

  /// The merge of a pair, to be read with {@link #rank} and {@link #merged}, or {@link #NONE}.
  long find(int left, int right) {
    int slot = slot(key(left, right));
    return keys[slot] == EMPTY ? NONE : merges[slot];
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
    int mask = keys.length - 1;
    long hash = key * 0x9E3779B97F4A7C15L;
    int slot = (int) (hash >>> 32) & mask;
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldMerges = merges;
    keys = new long[2 * oldKeys.length];
    merges = new long[2 * oldKeys.length];
    Arrays.fill(keys, EMPTY);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != EMPTY) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        merges[slot] = oldMerges[i];
      }
    }
  }
}
