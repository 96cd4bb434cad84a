package dev.inferno.tokenizer;

import java.util.Arrays;

/// A growing list of places in a text at which pieces end. For one thread.
final class PieceEnds {

  private int[] ends;
  private int size;

  PieceEnds(int capacity) {
    this.ends = new int[Math.max(16, capacity)];
  }

  void add(int end) {
    if (size == ends.length) {
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ends[size++] = end;
  }

  int size() {
    return size;
  }

  int get(int i) {
    return ends[i];
  }

  void clear() {
    size = 0;
  }
}
