package dev.inferno.tokenizer;

import java.util.Arrays;

/// A changed copy of a text on its way to be encoded, and where in the original each byte stems
/// from, see {@link TokenSink#readFrom}. For one thread.
final class MappedText {

  private final ByteSink utf8;
  private int[] starts;
  private int[] ends;

  MappedText(int capacity) {
    this.utf8 = new ByteSink(capacity);
    this.starts = new int[Math.max(16, capacity) + 1];
    this.ends = new int[starts.length];
  }

  /// Appends bytes that stand for those from `start` to `end` of the original as a whole.
  void add(byte[] source, int from, int to, int start, int end) {
    int at = utf8.length();
    utf8.add(source, from, to);
    grow();
    Arrays.fill(starts, at, utf8.length(), start);
    Arrays.fill(ends, at + 1, utf8.length() + 1, end);
  }

  /// Appends one byte that stands for those from `start` to `end` of the original.
  void add(int octet, int start, int end) {
    int at = utf8.length();
    utf8.add(octet);
    grow();
    starts[at] = start;
    ends[at + 1] = end;
  }

  /// Appends bytes that are those from `start` on of the original, byte by byte.
  void addUnchanged(byte[] source, int from, int to, int start) {
    int at = utf8.length();
    utf8.add(source, from, to);
    grow();
    for (int i = 0; i < to - from; i++) {
      starts[at + i] = start + i;
      ends[at + i + 1] = start + i + 1;
    }
  }

  private void grow() {
    if (utf8.length() >= starts.length) {
      starts = Arrays.copyOf(starts, 2 * utf8.length());
      ends = Arrays.copyOf(ends, 2 * utf8.length());
    }
  }

  void truncate(int length) {
    utf8.truncate(length);
  }

  int length() {
    return utf8.length();
  }

  /// The copy itself; only the first {@link #length} bytes mean something.
  byte[] utf8() {
    return utf8.array();
  }

  /// Where in the original a token begins that begins at byte i.
  int[] starts() {
    return starts;
  }

  /// Where in the original a token ends that ends at byte i.
  int[] ends() {
    return ends;
  }
}
