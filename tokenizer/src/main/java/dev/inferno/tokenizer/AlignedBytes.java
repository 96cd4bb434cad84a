package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.AlignedText;
import java.util.Arrays;

/// A text in UTF-8 with the places of its bytes, see {@link TokenSink#readFrom}.
///
/// @param utf8 the text
/// @param starts where a token begins that begins at a byte
/// @param ends where one ends that ends before it
/// @param offsets for each char of the text, and its end, the byte
@SuppressWarnings("ArrayRecordComponent") // never compared
record AlignedBytes(byte[] utf8, int[] starts, int[] ends, int[] offsets) {

  static AlignedBytes of(AlignedText text) {
    byte[] utf8 = Utf8.encode(text.text());
    int[] starts = new int[utf8.length + 1];
    int[] ends = new int[utf8.length + 1];
    int[] offsets = new int[text.length() + 1];
    int at = 0;
    for (int i = 0; i < text.length(); ) {
      int width = Utf8.length(utf8[at]);
      int chars = width == 4 ? 2 : 1;
      int start = text.start(i);
      int end = text.end(i);
      Arrays.fill(offsets, i, i + chars, at);
      if (end - start == width) { // most likely the character itself, byte by byte
        for (int k = 0; k < width; k++) {
          starts[at + k] = start + k;
          ends[at + k + 1] = start + k + 1;
        }
      } else {
        Arrays.fill(starts, at, at + width, start);
        Arrays.fill(ends, at + 1, at + width + 1, end);
      }
      at += width;
      i += chars;
    }
    offsets[text.length()] = at;
    starts[at] = ends[at];
    ends[0] = starts[0];
    return new AlignedBytes(utf8, starts, ends, offsets);
  }

  /// For each byte at which a character begins, and the end, the char of the text.
  int[] chars() {
    int[] chars = new int[utf8.length + 1];
    for (int i = 0; i < offsets.length; i++) {
      if (i == 0 || offsets[i] != offsets[i - 1]) {
        chars[offsets[i]] = i;
      }
    }
    return chars;
  }
}
