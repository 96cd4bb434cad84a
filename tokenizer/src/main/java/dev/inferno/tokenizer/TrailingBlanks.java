package dev.inferno.tokenizer;

/// `\s+$`: blanks at the end are a piece, the rest is another. As an expression it is tried from
/// every blank of a text.
record TrailingBlanks() implements Splitter {

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    int start = to;
    for (int i = to; i > from; start = i) {
      do {
        i--;
      } while (Utf8.isContinuation(utf8[i]));
      if ((CharacterClass.at(utf8, i) & CharacterClass.SPACE) == 0) {
        break;
      }
    }
    if (start > from) {
      ends.add(start);
    }
    if (start < to) {
      ends.add(to);
    }
  }
}
