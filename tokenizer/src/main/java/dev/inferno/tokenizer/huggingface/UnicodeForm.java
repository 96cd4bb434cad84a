package dev.inferno.tokenizer.huggingface;

import java.text.Normalizer.Form;

/// One of the normalization forms of Unicode.
///
/// Works on stretches that cannot change each other: one character and what may combine with it. A
/// changed stretch stems as a whole from the whole stretch.
///
/// @param form which one
record UnicodeForm(Form form) implements Normalizer {

  @Override
  public AlignedText normalize(AlignedText text) {
    String from = text.text();
    if (OrderedMarks.isNormalized(from, form)) {
      return text;
    }
    var builder = new AlignedText.Builder(text, from.length() + 16);
    for (int start = 0; start < from.length(); ) {
      int end = stretchEnd(from, start);
      String stretch = from.substring(start, end);
      String changed = OrderedMarks.normalize(stretch, form);
      if (changed.equals(stretch)) {
        builder.add(text, start, end);
      } else {
        builder.add(changed, text.start(start), text.end(end - 1));
      }
      start = end;
    }
    AlignedText result = builder.build();
    String whole = OrderedMarks.normalize(from, form);
    if (result.text().equals(whole)) {
      return result;
    }
    var coarse =
        new AlignedText.Builder(text, whole.length()); // characters that combine unforeseen
    coarse.add(whole, text.start(0), text.end(from.length() - 1));
    return coarse.build();
  }

  private static int stretchEnd(String text, int start) {
    int end = start + Character.charCount(text.codePointAt(start));
    while (end < text.length() && combines(text.codePointAt(end))) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  /// Whether the character may change the one before it or be reordered with it: all marks, the
  /// vowels and final consonants of Hangul in all their forms, the voice marks of half-width
  /// Katakana, and the vowels of Kirat Rai, which are letters.
  private static boolean combines(int c) {
    return Characters.isMark(c)
        || (c >= 0x1160 && c <= 0x11FF)
        || (c >= 0x3131 && c <= 0x318E)
        || (c >= 0xD7B0 && c <= 0xD7FF)
        || (c >= 0xFF9E && c <= 0xFFDC)
        || (c >= 0x16D63 && c <= 0x16D6A);
  }
}
