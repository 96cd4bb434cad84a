package dev.inferno.tokenizer;

/// Cuts text into the pieces that are merged each on its own. Stateless and thread-safe.
interface Splitter {

  /// Appends where pieces end, in order; the last one ends at `to`. No piece is empty.
  ///
  /// @param utf8 well-formed text
  /// @param from where the text begins; what is before must not be looked at
  /// @param to where it ends, not before `from`; what follows must not be looked at
  void split(byte[] utf8, int from, int to, PieceEnds ends);
}
