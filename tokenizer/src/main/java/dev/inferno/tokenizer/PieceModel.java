package dev.inferno.tokenizer;

/// A model that encodes pieces of text each on its own. Immutable and thread-safe.
@FunctionalInterface
interface PieceModel {

  /// For one thread, which encodes one piece after the other.
  Encoder newEncoder();

  /// Encodes pieces. For one thread.
  @FunctionalInterface
  interface Encoder {

    /// Adds the tokens of a piece of well-formed text.
    void encode(byte[] utf8, int from, int to, TokenSink sink);
  }
}
