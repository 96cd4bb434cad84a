package dev.inferno.tokenizer;

import java.util.Arrays;

/// Byte strings by their first bytes: walking along a text from {@link #ROOT} meets every string
/// that begins there. Thread-safe once filled.
///
/// The edges lie in one hash table, so that a vocabulary of a quarter of a million pieces takes a
/// few dozen bytes for each.
final class ByteTrie {

  static final int ROOT = 0;

  /// What {@link #child} gives where no string goes on, and {@link #value} where none ends.
  static final int NONE = -1;

  private long[] edges;
  private int[] children;
  private int[] values = new int[64];
  private int nodes = 1;

  ByteTrie(int expectedEdges) {
    int capacity = Integer.highestOneBit(Math.max(32, expectedEdges)) * 2;
    this.edges = new long[capacity];
    this.children = new int[capacity];
    Arrays.fill(values, NONE);
  }

  /// Sets the value of a string; the last word on it stays.
  void put(byte[] text, int from, int to, int value) {
    int node = ROOT;
    for (int i = from; i < to; i++) {
      int child = child(node, text[i]);
      node = child == NONE ? addChild(node, text[i]) : child;
    }
    values[node] = value;
  }

  /// The node one byte further, or {@link #NONE}.
  int child(int node, byte octet) {
    int slot = slot(edge(node, octet));
    return edges[slot] == 0 ? NONE : children[slot];
  }

  /// The value of the string that ends at a node, or {@link #NONE}.
  int value(int node) {
    return values[node];
  }

  private int addChild(int node, byte octet) {
    if (2 * nodes >= edges.length) {
      grow();
    }
    int child = nodes++;
    if (child == values.length) {
      values = Arrays.copyOf(values, 2 * child);
      Arrays.fill(values, child, values.length, NONE);
    }
    long edge = edge(node, octet);
    int slot = slot(edge);
    edges[slot] = edge;
    children[slot] = child;
    return child;
  }

  /// Never 0, which marks an empty slot.
  private static long edge(int node, byte octet) {
    return ((long) node << 8 | (octet & 0xFF)) + 1;
  }

  private int slot(long edge) {
    int mask = edges.length - 1;
    int slot = (int) ((edge * 0x9E3779B97F4A7C15L) >>> 32) & mask;
    while (edges[slot] != 0 && edges[slot] != edge) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldEdges = edges;
    int[] oldChildren = children;
    edges = new long[2 * oldEdges.length];
    children = new int[2 * oldEdges.length];
    for (int i = 0; i < oldEdges.length; i++) {
      if (oldEdges[i] != 0) {
        int slot = slot(oldEdges[i]);
        edges[slot] = oldEdges[i];
        children[slot] = oldChildren[i];
      }
    }
  }
}
