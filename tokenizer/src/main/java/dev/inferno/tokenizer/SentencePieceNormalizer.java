package dev.inferno.tokenizer;

/// What SentencePiece does to text before it cuts it: characters are replaced by a {@link
/// CharsMap}, blanks are written `▁`, extra ones are removed, and one is put before the text.
/// Immutable and thread-safe.
///
/// @param charsMap what replaces what
/// @param addsSpacePrefix whether a blank is put before a text
/// @param removesExtraBlanks whether blanks at both ends, and all but one of several, are removed
record SentencePieceNormalizer(
    CharsMap charsMap, boolean addsSpacePrefix, boolean removesExtraBlanks) {

  static final byte[] BLANK = {(byte) 0xE2, (byte) 0x96, (byte) 0x81};

  /// The text as the pieces are written; empty if nothing is left but blanks that are removed.
  MappedText apply(byte[] utf8, int from, int to) {
    MappedText text = new MappedText(2 * (to - from));
    if (addsSpacePrefix) {
      text.add(BLANK, 0, BLANK.length, 0, 0);
    }
    int prefix = text.length();
    boolean afterBlank = removesExtraBlanks;
    for (int i = from; i < to; ) {
      int at = text.length();
      long match = charsMap.match(utf8, i, to);
      int next = i + (match == CharsMap.NONE ? Utf8.length(utf8[i]) : CharsMap.length(match));
      if (match == CharsMap.NONE && utf8[i] != ' ') {
        text.addUnchanged(utf8, i, next, i - from);
        afterBlank = false;
      } else {
        byte[] part = match == CharsMap.NONE ? new byte[] {' '} : charsMap.replacement(match);
        addWithBlanks(part, afterBlank, i - from, next - from, text);
        if (text.length() > at) {
          afterBlank = removesExtraBlanks && part[part.length - 1] == ' ';
        }
      }
      i = next;
    }
    if (removesExtraBlanks) {
      if (text.length() == prefix) {
        text.truncate(0);
      }
      while (endsWithBlank(text)) {
        text.truncate(text.length() - BLANK.length);
      }
    }
    return text;
  }

  private static void addWithBlanks(
      byte[] part, boolean skipsFirstBlanks, int start, int end, MappedText text) {
    boolean skips = skipsFirstBlanks;
    for (int i = 0; i < part.length; i++) {
      if (part[i] != ' ') {
        text.add(part[i], start, end);
        skips = false;
      } else if (!skips) {
        text.add(BLANK, 0, BLANK.length, start, end);
      }
    }
  }

  private static boolean endsWithBlank(MappedText text) {
    byte[] utf8 = text.utf8();
    int at = text.length() - BLANK.length;
    return at >= 0 && utf8[at] == BLANK[0] && utf8[at + 1] == BLANK[1] && utf8[at + 2] == BLANK[2];
  }
}
