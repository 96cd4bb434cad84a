package dev.inferno.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/// An immutable list of strings that are kept as UTF-8 bytes and decoded when they are asked for,
/// the form in which a model file carries a vocabulary of a hundred thousand tokens.
///
/// Immutable and thread-safe. {@link #get} replaces bytes that are not UTF-8 by U+FFFD; {@link
/// #utf8} gives them as they are.
public abstract class Utf8List extends AbstractList<String> implements RandomAccess {

  /// For implementations.
  protected Utf8List() {}

  /// The bytes of one string, a fresh copy.
  ///
  /// @throws IndexOutOfBoundsException if there is no such string
  public abstract byte[] utf8(int index);

  @Override
  public String get(int index) {
    return new String(utf8(index), StandardCharsets.UTF_8);
  }

  /// A list of the given strings.
  public static Utf8List of(List<String> strings) {
    byte[][] encoded = new byte[strings.size()][];
    for (int i = 0; i < encoded.length; i++) {
      encoded[i] = strings.get(i).getBytes(StandardCharsets.UTF_8);
    }
    return of(encoded);
  }

  /// A list of strings in UTF-8, which must not change any more.
  static Utf8List of(byte[][] encoded) {
    return new Utf8List() {
      @Override
      public byte[] utf8(int index) {
        return encoded[Objects.checkIndex(index, encoded.length)].clone();
      }

      @Override
      public int size() {
        return encoded.length;
      }
    };
  }
}
