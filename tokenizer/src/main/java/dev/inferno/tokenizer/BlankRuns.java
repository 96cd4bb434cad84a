package dev.inferno.tokenizer;

/// Isolates runs of characters of one kind, each with a blank before it if there is one:
/// `\s?[...]+`. What lies between stays together.
///
/// @param blank what counts as one
/// @param kind which characters, of which some may be blanks
record BlankRuns(Runs.Kind blank, Runs.Kind kind) implements Splitter {

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    int start = from;
    for (int i = from; i < to; ) {
      int next = i + Utf8.length(utf8[i]);
      boolean afterBlank = next < to && blank.includes(utf8, i) && kind.includes(utf8, next);
      if (!afterBlank && !kind.includes(utf8, i)) {
        i = next;
        continue;
      }
      if (i > start) {
        ends.add(i);
      }
      i = next;
      while (i < to && kind.includes(utf8, i)) {
        i += Utf8.length(utf8[i]);
      }
      ends.add(i);
      start = i;
    }
    if (start < to) {
      ends.add(to);
    }
  }
}
