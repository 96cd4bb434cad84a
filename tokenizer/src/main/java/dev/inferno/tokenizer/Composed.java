package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.OrderedMarks;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.Arrays;

/// Text in the normalization form NFC, and where in the original each byte stems from.
///
/// Works on stretches that cannot change each other: one character and the marks after it. A token
/// that begins or ends within a changed stretch has the whole stretch as its place.
///
/// @param utf8 the composed text
/// @param starts where in the original a token begins that begins here, counted from its start
/// @param ends where in the original a token ends that ends here, likewise
@SuppressWarnings("ArrayRecordComponent") // a pair of results within the package, never compared
record Composed(byte[] utf8, int[] starts, int[] ends) {

  /// The first byte of U+0300, below which no character combines with the one before.
  private static final int FIRST_COMBINING = 0xCC;

  static boolean isComposed(byte[] utf8, int from, int to) {
    for (int i = from; i < to; i++) {
      if ((utf8[i] & 0xFF) >= FIRST_COMBINING) {
        String text = new String(utf8, from, to - from, StandardCharsets.UTF_8);
        return OrderedMarks.isNormalized(text, Form.NFC);
      }
    }
    return true;
  }

  static Composed of(byte[] utf8, int from, int to) {
    ByteSink composed = new ByteSink(to - from);
    int[] starts = new int[to - from + 1];
    int[] ends = new int[to - from + 1];
    for (int start = from; start < to; ) {
      int end = stretchEnd(utf8, start, to);
      byte[] stretch = compose(utf8, start, end);
      boolean unchanged = Arrays.equals(stretch, 0, stretch.length, utf8, start, end);
      int at = composed.length();
      composed.add(stretch, 0, stretch.length);
      if (composed.length() >= starts.length) {
        starts = Arrays.copyOf(starts, 2 * composed.length());
        ends = Arrays.copyOf(ends, 2 * composed.length());
      }
      for (int i = 0; i < stretch.length; i++) {
        starts[at + i] = start - from + (unchanged ? i : 0);
        ends[at + i + 1] = unchanged ? start - from + i + 1 : end - from;
      }
      start = end;
    }
    starts[composed.length()] = to - from;
    return new Composed(composed.toByteArray(), starts, ends);
  }

  private static byte[] compose(byte[] utf8, int from, int to) {
    String text = new String(utf8, from, to - from, StandardCharsets.UTF_8);
    return OrderedMarks.normalize(text, Form.NFC).getBytes(StandardCharsets.UTF_8);
  }

  static int stretchEnd(byte[] utf8, int start, int to) {
    int end = start + Utf8.length(utf8[start]);
    while (end < to && combines(Utf8.codePoint(utf8, end))) {
      end += Utf8.length(utf8[end]);
    }
    return end;
  }

  /// Whether the character may change the one before it or be reordered with it: all marks, the
  /// vowels and final consonants of Hangul, and the vowels of Kirat Rai, which are letters.
  static boolean combines(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default ->
          (codePoint >= 0x1160 && codePoint <= 0x11FF)
              || (codePoint >= 0xD7B0 && codePoint <= 0xD7FF)
              || (codePoint >= 0x16D63 && codePoint <= 0x16D6A);
    };
  }
}
