package dev.inferno.tokenizer;

/// Tokens on their way to text. For one thread.
sealed interface Decoding permits PendingText, ChainDecoding {

  /// Takes one more token.
  void append(int id);

  /// Whether the text of what waits ends with a whole character: no token to come can change it.
  ///
  /// A U+FFFD at the end counts as none, since whether it stands for the first bytes of a character
  /// or for itself is seen when the next token comes.
  boolean isComplete();

  /// The text of what waits, which waits no more.
  String take();

  /// A decoding in the same state that goes its own way.
  Decoding copy();
}
