package dev.inferno.tokenizer;

import dev.inferno.tokenizer.EncodingStep.Origin;

/// A token for each word that the vocabulary has, and one for all others. Immutable and
/// thread-safe.
///
/// @param texts from the text of each token to its id
/// @param unknownId the token for other words
record WordLevel(ByteTable texts, int unknownId) implements PieceModel, PieceModel.Encoder {

  @Override
  public Encoder newEncoder() {
    return this;
  }

  @Override
  public void encode(byte[] utf8, int from, int to, TokenSink sink) {
    int id = texts.find(utf8, from, to);
    if (id >= 0) {
      sink.add(id, from, to);
    } else {
      sink.add(unknownId, from, to, Origin.UNKNOWN);
    }
  }

  @Override
  public String toString() {
    return "words, %d tokens".formatted(texts.size());
  }
}
