package dev.inferno.tokenizer;

import java.util.Arrays;

/// Byte strings numbered from 0 on, and a hash table from a byte string to its number.
///
/// Looking up a range of a larger array allocates nothing, and mostly waits for memory once. The
/// strings lie one after the other in one array. Thread-safe once filled.
final class ByteTable {

  private static final long EMPTY = -1;

  private final ByteSink bytes;
  private int[] offsets;
  private int size;

  /// Two for each place: a string's first eight bytes, and its length above its number.
  private long[] slots;

  private int used;

  ByteTable(int expectedSize) {
    this.bytes = new ByteSink(8 * expectedSize);
    this.offsets = new int[expectedSize + 1];
    this.slots = empty(2); // many tables are never searched
  }

  private static long[] empty(int length) {
    long[] slots = new long[length];
    Arrays.fill(slots, EMPTY);
    return slots;
  }

  /// Appends a string that can be found. If it is there already, the later one is found from now
  /// on.
  int add(byte[] source, int from, int to) {
    int number = append(source, from, to);
    if (4 * (used + 1) > slots.length) {
      grow();
    }
    int slot = slot(source, from, to, EightBytes.hash(source, from, to));
    if (slots[slot + 1] == EMPTY) {
      used++;
    }
    put(slot, source, from, to, number);
    return number;
  }

  private void put(int slot, byte[] source, int from, int to, int number) {
    slots[slot] = EightBytes.read(source, from, to);
    slots[slot + 1] = (long) (to - from) << 32 | number;
  }

  /// Appends a string that has a number but is never found.
  int append(byte[] source, int from, int to) {
    bytes.add(source, from, to);
    if (size + 1 == offsets.length) {
      offsets = Arrays.copyOf(offsets, 2 * offsets.length + 1);
    }
    offsets[size + 1] = bytes.length();
    return size++;
  }

  /// The number of the string, or -1.
  int find(byte[] source, int from, int to) {
    return find(source, from, to, EightBytes.hash(source, from, to));
  }

  /// The same, for who has the string's {@link EightBytes#hash} already.
  int find(byte[] source, int from, int to, int hash) {
    return (int) slots[slot(source, from, to, hash) + 1];
  }

  int size() {
    return size;
  }

  /// The array that holds all strings.
  byte[] array() {
    return bytes.array();
  }

  int start(int number) {
    return offsets[number];
  }

  int end(int number) {
    return offsets[number + 1];
  }

  int length(int number) {
    return offsets[number + 1] - offsets[number];
  }

  private int slot(byte[] source, int from, int to, int hash) {
    int mask = slots.length - 2;
    long head = EightBytes.read(source, from, to);
    int slot = 2 * hash & mask;
    while (slots[slot + 1] != EMPTY) {
      if (slots[slot] == head && holds(slots[slot + 1], source, from, to)) {
        return slot;
      }
      slot = (slot + 2) & mask;
    }
    return slot;
  }

  /// Whether an entry with the same first eight bytes is of this string.
  private boolean holds(long entry, byte[] source, int from, int to) {
    if ((int) (entry >>> 32) != to - from) {
      return false;
    }
    if (to - from <= Long.BYTES) {
      return true;
    }
    int number = (int) entry;
    return Arrays.equals(bytes.array(), offsets[number], offsets[number + 1], source, from, to);
  }

  private void grow() {
    long[] old = slots;
    slots = empty(Math.max(2 * old.length, 8 * Integer.highestOneBit(offsets.length)));
    for (int i = 0; i < old.length; i += 2) {
      if (old[i + 1] != EMPTY) {
        int number = (int) old[i + 1];
        int start = offsets[number];
        int end = offsets[number + 1];
        int hash = EightBytes.hash(bytes.array(), start, end);
        put(slot(bytes.array(), start, end, hash), bytes.array(), start, end, number);
      }
    }
  }
}
