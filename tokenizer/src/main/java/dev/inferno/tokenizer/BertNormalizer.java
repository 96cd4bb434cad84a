package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.OrderedMarks;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;

/// What BERT does to text before it cuts it into words: control characters are removed, every kind
/// of blank becomes one, ideographs get blanks around them, accents are stripped and letters made
/// small. Immutable and thread-safe.
///
/// @param stripsAccents whether text is decomposed (NFD) and its non-spacing marks removed
/// @param lowercases whether letters are made small
record BertNormalizer(boolean stripsAccents, boolean lowercases) {

  MappedText apply(byte[] utf8, int from, int to) {
    MappedText clean = new MappedText(to - from);
    for (int i = from; i < to; ) {
      int end = i + Utf8.length(utf8[i]);
      int codePoint = Utf8.codePoint(utf8, i);
      if (isBlank(codePoint)) {
        clean.add(' ', i - from, end - from);
      } else if (isIdeograph(codePoint)) {
        clean.add(' ', i - from, i - from);
        clean.addUnchanged(utf8, i, end, i - from);
        clean.add(' ', end - from, end - from);
      } else if (!isControl(codePoint)) {
        clean.addUnchanged(utf8, i, end, i - from);
      }
      i = end;
    }
    return stripsAccents || lowercases ? simplified(clean) : clean;
  }

  /// Works on one character and the marks after it at a time, which cannot change others.
  private MappedText simplified(MappedText clean) {
    MappedText result = new MappedText(clean.length());
    byte[] utf8 = clean.utf8();
    for (int start = 0; start < clean.length(); ) {
      int end = Composed.stretchEnd(utf8, start, clean.length());
      if (end == start + 1) {
        boolean capital = lowercases && utf8[start] >= 'A' && utf8[start] <= 'Z';
        int octet = capital ? utf8[start] | 0x20 : utf8[start];
        result.add(octet, clean.starts()[start], clean.ends()[end]);
      } else {
        byte[] simple = simplified(utf8, start, end);
        result.add(simple, 0, simple.length, clean.starts()[start], clean.ends()[end]);
      }
      start = end;
    }
    return result;
  }

  private byte[] simplified(byte[] utf8, int start, int end) {
    String text = new String(utf8, start, end - start, StandardCharsets.UTF_8);
    String parts = stripsAccents ? OrderedMarks.normalize(text, Form.NFD) : text;
    StringBuilder simple = new StringBuilder(parts.length());
    parts
        .codePoints()
        .filter(c -> !(stripsAccents && Character.getType(c) == Character.NON_SPACING_MARK))
        .forEach(c -> appendLowercase(c, simple));
    return simple.toString().getBytes(StandardCharsets.UTF_8);
  }

  private void appendLowercase(int codePoint, StringBuilder simple) {
    if (!lowercases) {
      simple.appendCodePoint(codePoint);
    } else if (codePoint == 'İ') { // the one letter that becomes two
      simple.append("i\u0307");
    } else {
      simple.appendCodePoint(Character.toLowerCase(codePoint));
    }
  }

  private static boolean isBlank(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.SPACE_SEPARATOR, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> codePoint == '\t' || codePoint == '\n' || codePoint == '\r';
    };
  }

  private static boolean isControl(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> true;
      default -> codePoint == 0xFFFD;
    };
  }

  /// The blocks of ideographs as BERT's published tokenizers have them, one bound of which is a
  /// slip of the pen (U+2B820 would be right).
  private static boolean isIdeograph(int codePoint) {
    return codePoint >= 0x3400
        && ((codePoint >= 0x4E00 && codePoint <= 0x9FFF)
            || (codePoint >= 0x3400 && codePoint <= 0x4DBF)
            || (codePoint >= 0x20000 && codePoint <= 0x2A6DF)
            || (codePoint >= 0x2A700 && codePoint <= 0x2B73F)
            || (codePoint >= 0x2B740 && codePoint <= 0x2B81F)
            || (codePoint >= 0x2B920 && codePoint <= 0x2CEAF)
            || (codePoint >= 0xF900 && codePoint <= 0xFAFF)
            || (codePoint >= 0x2F800 && codePoint <= 0x2FA1F));
  }
}
