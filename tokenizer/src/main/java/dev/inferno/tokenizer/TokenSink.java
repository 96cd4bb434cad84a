package dev.inferno.tokenizer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Collects the tokens of one text and where in it they stand. For one thread.
///
/// A model that works on a changed copy of a part of the text says with {@link #readFrom} how
/// places in the copy map back.
final class TokenSink {

  private int size;
  private int[] ids;
  private int[] starts;
  private int[] ends;
  private int droppedSize;
  private int[] dropped = new int[0];
  private int shift;
  private int @Nullable [] startOrigins;
  private int @Nullable [] endOrigins;

  TokenSink(int expectedSize) {
    int capacity = Math.max(8, expectedSize);
    this.ids = new int[capacity];
    this.starts = new int[capacity];
    this.ends = new int[capacity];
  }

  /// From now on places are those of the text itself.
  void readFromText() {
    startOrigins = null;
    endOrigins = null;
    shift = 0;
  }

  /// From now on places are those of a copy. A token that begins at its byte i begins in the text
  /// at `offset + starts[i]`, one that ends there ends at `offset + ends[i]`.
  void readFrom(int[] starts, int[] ends, int offset) {
    startOrigins = starts;
    endOrigins = ends;
    shift = offset;
  }

  void add(int id, int start, int end) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ids[size] = id;
    starts[size] = textStart(start);
    ends[size] = textEnd(end);
    size++;
  }

  /// Lets the last token end further right.
  void extend(int end) {
    ends[size - 1] = textEnd(end);
  }

  void drop(int place) {
    if (droppedSize == dropped.length) {
      dropped = Arrays.copyOf(dropped, 2 * droppedSize + 4);
    }
    dropped[droppedSize++] = textStart(place);
  }

  private int textStart(int place) {
    return startOrigins == null ? place : shift + startOrigins[place];
  }

  private int textEnd(int place) {
    return endOrigins == null ? place : shift + endOrigins[place];
  }

  int size() {
    return size;
  }

  int id(int i) {
    return ids[i];
  }

  int[] ids() {
    return Arrays.copyOf(ids, size);
  }

  int[] starts() {
    return Arrays.copyOf(starts, size);
  }

  int[] ends() {
    return Arrays.copyOf(ends, size);
  }

  int[] dropped() {
    return Arrays.copyOf(dropped, droppedSize);
  }
}
