package dev.inferno.tokenizer.huggingface;

import java.lang.Character.UnicodeScript;

/// Cuts where the script changes. Kana count as Han, blanks as whatever stands before them; those
/// at the very beginning are dropped.
final class Scripts {

  private Scripts() {}

  static Pieces split(Pieces pieces) {
    var bounds = new Pieces.Builder(2 * pieces.size());
    String text = pieces.text().text();
    for (int i = 0; i < pieces.size(); i++) {
      int start = pieces.end(i);
      UnicodeScript last = UnicodeScript.UNKNOWN;
      for (int at = pieces.start(i); at < pieces.end(i); ) {
        int c = text.codePointAt(at);
        UnicodeScript script = script(c);
        if (script != UnicodeScript.UNKNOWN && script != last) {
          if (last != UnicodeScript.UNKNOWN) {
            bounds.add(start, at);
          }
          start = at;
          last = script;
        }
        at += Character.charCount(c);
      }
      bounds.add(start, pieces.end(i));
    }
    return bounds.build(pieces.text());
  }

  private static UnicodeScript script(int c) {
    if (c == ' ') {
      return UnicodeScript.UNKNOWN;
    }
    if (c == 0x30FC) { // the mark of a long vowel, common to two scripts
      return UnicodeScript.HAN;
    }
    UnicodeScript script = UnicodeScript.of(c);
    return switch (script) {
      case HIRAGANA, KATAKANA -> UnicodeScript.HAN;
      default -> script;
    };
  }
}
