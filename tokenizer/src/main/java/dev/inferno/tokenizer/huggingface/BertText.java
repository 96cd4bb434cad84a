package dev.inferno.tokenizer.huggingface;

import java.text.Normalizer.Form;

/// What BERT does to a text: control characters vanish, blanks become plain, Chinese characters
/// stand alone, accents vanish, letters become small.
///
/// @param cleans whether control characters vanish and blanks become plain
/// @param separatesChinese whether blanks are put around Chinese characters
/// @param stripsAccents whether accents vanish
/// @param lowercases whether letters become small
record BertText(boolean cleans, boolean separatesChinese, boolean stripsAccents, boolean lowercases)
    implements Normalizer {

  private static final UnicodeForm DECOMPOSED = new UnicodeForm(Form.NFD);

  @Override
  public AlignedText normalize(AlignedText text) {
    AlignedText changed = text;
    if (cleans) {
      changed = Characters.mapped(changed, BertText::clean);
    }
    if (separatesChinese) {
      changed = separated(changed);
    }
    if (stripsAccents) {
      changed =
          Characters.mapped(
              DECOMPOSED.normalize(changed),
              c -> Character.getType(c) == Character.NON_SPACING_MARK ? -1 : c);
    }
    return lowercases ? Characters.lowercase(changed) : changed;
  }

  private static int clean(int c) {
    if (c == '\t' || c == '\n' || c == '\r') {
      return ' ';
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL, Character.FORMAT, Character.PRIVATE_USE -> -1;
      default -> c == 0xFFFD ? -1 : Characters.isBlank(c) ? ' ' : c;
    };
  }

  private static AlignedText separated(AlignedText text) {
    String from = text.text();
    if (from.codePoints().noneMatch(BertText::isChinese)) {
      return text;
    }
    var builder = new AlignedText.Builder(text, 3 * from.length());
    for (int i = 0; i < from.length(); ) {
      int c = from.codePointAt(i);
      if (isChinese(c)) {
        builder.add(' ', text.start(i), text.start(i));
        builder.add(c, text.start(i), text.end(i));
        builder.add(' ', text.end(i), text.end(i));
      } else {
        builder.add(c, text.start(i), text.end(i));
      }
      i += Character.charCount(c);
    }
    return builder.build();
  }

  /// The blocks of Chinese characters that were there when BERT was made.
  static boolean isChinese(int c) {
    return (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2B81F)
        || (c >= 0x2B920 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x2F800 && c <= 0x2FA1F);
  }
}
