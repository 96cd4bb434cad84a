package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;
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
  private EncodingWork work = EncodingWork.UNSEEN;

  TokenSink(int expectedSize) {
    int capacity = Math.max(8, expectedSize);
    this.ids = new int[capacity];
    this.starts = new int[capacity];
    this.ends = new int[capacity];
  }

  /// From now on the work is told to somebody.
  void show(EncodingWork shown) {
    work = shown;
  }

  /// Who is told how the tokens come about.
  EncodingWork work() {
    return work;
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

  /// Adds a token of a piece.
  void add(int id, int start, int end) {
    add(id, start, end, Origin.PIECE);
  }

  void add(int id, int start, int end, Origin origin) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
      starts = Arrays.copyOf(starts, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    ids[size] = id;
    starts[size] = textStart(start);
    ends[size] = textEnd(end);
    work.token(size++, origin);
  }

  /// Lets the last token, which is that for what is unknown, end further right.
  void extend(int end) {
    ends[size - 1] = textEnd(end);
    work.token(size - 1, Origin.UNKNOWN);
  }

  void drop(int place) {
    if (droppedSize == dropped.length) {
      dropped = Arrays.copyOf(dropped, 2 * droppedSize + 4);
    }
    dropped[droppedSize++] = textStart(place);
    work.dropped(textStart(place));
  }

  /// Where in the text itself a token begins that begins at a place.
  int textStart(int place) {
    return startOrigins == null ? place : shift + startOrigins[place];
  }

  /// Where one ends that ends at it.
  int textEnd(int place) {
    return endOrigins == null ? place : shift + endOrigins[place];
  }

  int size() {
    return size;
  }

  int id(int i) {
    return ids[i];
  }

  int start(int i) {
    return starts[i];
  }

  int end(int i) {
    return ends[i];
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
