package dev.inferno.tokenizer;

import java.util.Arrays;

/// From the bytes of a text's UTF-8 form to the `char`s of the `String`. Immutable.
final class CharOffsets {

  private final String text;

  /// For each byte, and the end, the `char` at which its character begins.
  private final int[] offsets;

  CharOffsets(String text) {
    byte[] utf8 = Utf8.encode(text);
    this.text = text;
    this.offsets = new int[utf8.length + 1];
    int character = 0;
    for (int i = 0; i < utf8.length; ) {
      int length = Utf8.length(utf8[i]);
      Arrays.fill(offsets, i, i + length, character);
      character += length == 4 ? 2 : 1;
      i += length;
    }
    offsets[utf8.length] = character;
  }

  /// The beginning of the character that a byte is in.
  int start(int byteStart) {
    return offsets[byteStart];
  }

  /// The end of the character that the last of some bytes is in; where there are none, where they
  /// would be.
  int end(int byteStart, int byteEnd) {
    if (byteEnd == byteStart) {
      return offsets[byteEnd];
    }
    int last = offsets[byteEnd - 1];
    return last + Character.charCount(text.codePointAt(last));
  }

  Place place(int byteStart, int byteEnd) {
    return new Place(byteStart, byteEnd, start(byteStart), end(byteStart, byteEnd));
  }
}
