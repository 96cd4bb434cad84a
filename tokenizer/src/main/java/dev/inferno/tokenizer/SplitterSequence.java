package dev.inferno.tokenizer;

import java.util.List;

/// Several splitters, each cutting the pieces of the one before.
record SplitterSequence(List<Splitter> stages) implements Splitter {

  SplitterSequence {
    stages = List.copyOf(stages);
  }

  static SplitterSequence of(Splitter... stages) {
    return new SplitterSequence(List.of(stages));
  }

  @Override
  public void split(byte[] utf8, int from, int to, PieceEnds ends) {
    PieceEnds pieces = new PieceEnds(16);
    if (from < to) {
      pieces.add(to);
    }
    PieceEnds next = new PieceEnds(16);
    for (int stage = 0; stage < stages.size(); stage++) {
      PieceEnds result = stage == stages.size() - 1 ? ends : next;
      int start = from;
      for (int i = 0; i < pieces.size(); i++) {
        stages.get(stage).split(utf8, start, pieces.get(i), result);
        start = pieces.get(i);
      }
      next = pieces;
      next.clear();
      pieces = result;
    }
  }
}
