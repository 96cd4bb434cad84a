package dev.inferno.tokenizer;

import java.util.Arrays;

/// A growing array of bytes that can be read in place. For one thread.
final class ByteSink {

  private byte[] bytes;
  private int length;

  ByteSink(int capacity) {
    this.bytes = new byte[Math.max(16, capacity)];
  }

  private ByteSink(ByteSink other) {
    this.bytes = other.bytes.clone();
    this.length = other.length;
  }

  ByteSink copy() {
    return new ByteSink(this);
  }

  void add(int octet) {
    reserve(1);
    bytes[length++] = (byte) octet;
  }

  void add(byte[] source, int from, int to) {
    reserve(to - from);
    System.arraycopy(source, from, bytes, length, to - from);
    length += to - from;
  }

  private void reserve(int more) {
    int needed = Math.addExact(length, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.clamp(2L * needed, needed, Integer.MAX_VALUE - 16));
    }
  }

  void truncate(int newLength) {
    length = newLength;
  }

  int length() {
    return length;
  }

  /// The array itself; only the first {@link #length} bytes mean something, and until the next
  /// call.
  byte[] array() {
    return bytes;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }
}
