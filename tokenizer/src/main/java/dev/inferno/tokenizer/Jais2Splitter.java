package dev.inferno.tokenizer;

import static dev.inferno.tokenizer.CharacterClass.SPACE;

/// Jais 2: as Llama 3, but blanks without a line break are cut into runs of 512, 256, and so on
/// down to 2 and 1:
/// `...|\s*[\r\n]+|\s{512}(?!\S)|\s{256}(?!\S)|...|\s{4}(?!\S)|\s{1,2}(?!\S)|\s{1}`
record Jais2Splitter() implements Splitter {

  private static final int LONGEST = 512;

  private static final Llama3Scanner WORDS = new Llama3Scanner(3);

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    for (int start = from; start < to; ) {
      int end = CharacterClass.runEnd(utf8, start, to, SPACE);
      int line = end > start ? Llama3Scanner.lastNewlineEnd(utf8, start, end) : start;
      if (line > start) {
        ends.add(line);
        start = line;
      } else if (end > start + Utf8.length(utf8[start])) {
        start = cutBlanks(utf8, start, end, to, ends);
      } else {
        start = WORDS.pieceEnd(utf8, start, to);
        ends.add(start);
      }
    }
  }

  /// Cuts several blanks; the last goes with the word that follows.
  private static int cutBlanks(byte[] utf8, int from, int end, int to, PieceEnds ends) {
    int left = 0;
    for (int i = from; i < end; i += Utf8.length(utf8[i])) {
      left++;
    }
    if (end < to) {
      left--;
    }
    int start = from;
    while (left > 0) {
      int run = Math.min(LONGEST, Integer.highestOneBit(left));
      for (int i = 0; i < run; i++) {
        start += Utf8.length(utf8[start]);
      }
      ends.add(start);
      left -= run;
    }
    return start;
  }
}
