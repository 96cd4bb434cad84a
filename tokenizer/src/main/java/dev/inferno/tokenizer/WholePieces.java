package dev.inferno.tokenizer;

/// Remembers which tokens come out as themselves when their text is merged, so that a piece that is
/// such a token needs no merging. Not all do: some are only reached beside other text.
///
/// Learned while encoding. Thread-safe: each byte is written with one value only, and who does not
/// see it yet merges once more.
final class WholePieces {

  private static final byte REACHED = 1;

  private final byte[] states;

  WholePieces(int vocabularySize) {
    this.states = new byte[vocabularySize];
  }

  /// Whether a piece that is this token need not be merged; it must be to show how.
  boolean isKnown(int id, EncodingWork work) {
    return states[id] == REACHED && !work.isShown();
  }

  void markReached(int id) {
    states[id] = REACHED;
  }
}
