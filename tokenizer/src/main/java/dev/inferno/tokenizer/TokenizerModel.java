package dev.inferno.tokenizer;

import java.util.Arrays;

/// One kind of tokenizer: how text without special tokens becomes ids, and what bytes an id stands
/// for. Immutable and thread-safe.
sealed interface TokenizerModel
    permits ByteLevelBpe, SentencePieceBpe, SentencePieceUnigram, BertWordPiece, Pipeline {

  /// Encodes a part of a text that has no special token in it.
  void encode(byte[] utf8, int from, int to, TokenSink sink);

  /// For each token the bytes it stands for when decoded, numbered by its id.
  ByteTable bytes();

  /// The same for the first token of a text, where it differs.
  default ByteTable firstBytes() {
    return bytes();
  }

  /// Whether the token is one byte of a character, and malformed runs of such tokens are replaced
  /// byte by byte.
  boolean isByteToken(int id);

  /// Whether decoded text loses one blank at its very beginning, since encoding put one there.
  boolean stripsFirstBlank();

  /// The beginning of a text that is decoded.
  default Decoding newDecoding() {
    return new PendingText(this);
  }

  /// The bytes that a token stands for, a fresh copy.
  default byte[] bytes(int id) {
    ByteTable bytes = bytes();
    return Arrays.copyOfRange(bytes.array(), bytes.start(id), bytes.end(id));
  }
}
