package dev.inferno.tokenizer;

import java.util.Arrays;

/// Byte strings numbered from 0 on, and a hash table from a byte string to its number.
///
/// Looking up a range of a larger array allocates nothing. The strings lie one after the other in
/// one array. Thread-safe once filled.
final class ByteTable {

  private static final int EMPTY = -1;

  private final ByteSink bytes;
  private int[] offsets;
  private int size;
  private int[] slots;
  private int used;

  ByteTable(int expectedSize) {
    this.bytes = new ByteSink(8 * expectedSize);
    this.offsets = new int[expectedSize + 1];
    this.slots = new int[Integer.highestOneBit(Math.max(8, expectedSize)) * 4];
    Arrays.fill(slots, EMPTY);
  }

  /// Appends a string that can be found. If it is there already, the later one is found from now
  /// on.
  int add(byte[] source, int from, int to) {
    int number = append(source, from, to);
    if (2 * used >= slots.length) {
      grow();
    }
    int slot = slot(source, from, to);
    if (slots[slot] == EMPTY) {
      used++;
    }
    slots[slot] = number;
    return number;
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
    return slots[slot(source, from, to)];
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

  private int slot(byte[] source, int from, int to) {
    int mask = slots.length - 1;
    int slot = hash(source, from, to) & mask;
    while (slots[slot] != EMPTY) {
      int number = slots[slot];
      if (Arrays.equals(bytes.array(), offsets[number], offsets[number + 1], source, from, to)) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static int hash(byte[] source, int from, int to) {
    int hash = to - from;
    for (int i = from; i < to; i++) {
      hash = (hash ^ source[i]) * 0x01000193; // FNV-1a
    }
    hash *= 0x9E3779B1;
    return hash ^ (hash >>> 15);
  }

  private void grow() {
    int[] old = slots;
    slots = new int[2 * old.length];
    Arrays.fill(slots, EMPTY);
    for (int number : old) {
      if (number != EMPTY) {
        slots[slot(bytes.array(), offsets[number], offsets[number + 1])] = number;
      }
    }
  }
}
