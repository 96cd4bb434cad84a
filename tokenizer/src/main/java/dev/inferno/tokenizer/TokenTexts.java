package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Decoder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/// What tokens say when they are decoded. Immutable and thread-safe.
///
/// @param vocabulary the tokens
/// @param bytes for each token what it stands for; empty if steps decode
/// @param byteTokens which tokens stand for single bytes amid text
/// @param stripsFirstBlank whether a text loses one blank at its very beginning
/// @param chain the steps that decode, if that is not all
record TokenTexts(
    Vocabulary vocabulary,
    ByteTable bytes,
    BitSet byteTokens,
    boolean stripsFirstBlank,
    Optional<Decoder> chain) {

  /// As a model has it that knows the bytes of its tokens.
  static TokenTexts of(Vocabulary vocabulary, TokenizerModel model) {
    return new TokenTexts(vocabulary, model.bytes(), new BitSet(), false, Optional.empty());
  }

  /// By steps that decode.
  static TokenTexts of(Vocabulary vocabulary, Decoder chain) {
    return new TokenTexts(vocabulary, new ByteTable(8), new BitSet(), false, Optional.of(chain));
  }

  Decoding newDecoding(TokenizerModel model) {
    return chain.isPresent() ? new ChainDecoding(vocabulary, chain.get()) : new PendingText(model);
  }

  /// The bytes of a token that is decoded without others.
  byte[] decodedAlone(int id) {
    List<String> tokens = vocabulary.isHole(id) ? List.of() : List.of(vocabulary.text(id));
    return chain
        .map(steps -> tokens.isEmpty() ? "" : String.join("", steps.decode(tokens)))
        .orElse("")
        .getBytes(StandardCharsets.UTF_8);
  }
}
