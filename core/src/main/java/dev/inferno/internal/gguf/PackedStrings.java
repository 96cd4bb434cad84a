package dev.inferno.internal.gguf;

import dev.inferno.tokenizer.Utf8List;
import java.util.Arrays;
import java.util.Objects;

/// An array of strings as it lies in a file, each after its length, and where each of them ends:
/// two objects for a whole vocabulary. Immutable and thread-safe.
final class PackedStrings extends Utf8List {
  private final byte[] bytes;
  private final int[] ends;

  /// Of the bytes of the array, which are not copied, and the end of each string in them.
  PackedStrings(byte[] bytes, int[] ends) {
    this.bytes = bytes;
    this.ends = ends;
  }

  @Override
  public byte[] utf8(int index) {
    Objects.checkIndex(index, ends.length);
    int begin = (index == 0 ? 0 : ends[index - 1]) + Long.BYTES;
    return Arrays.copyOfRange(bytes, begin, ends[index]);
  }

  @Override
  public int size() {
    return ends.length;
  }
}
