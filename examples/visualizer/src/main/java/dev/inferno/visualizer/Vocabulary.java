package dev.inferno.visualizer;

import dev.inferno.tokenizer.Tokenizer;
import java.util.HexFormat;
import java.util.List;

/// Token ids to what the page shows of them. Thread-safe.
@FunctionalInterface
interface Vocabulary {
  Wire.Token token(int id);

  /// That of a model. A vocabulary may be padded: the logits then have ids that no token has.
  static Vocabulary of(Tokenizer tokenizer) {
    return id -> {
      if (id >= tokenizer.vocabularySize()) {
        return new Wire.Token(id, "[" + id + "]", "", "", true);
      }
      return new Wire.Token(
          id,
          tokenizer.piece(id),
          tokenizer.decode(id),
          HexFormat.of().formatHex(tokenizer.bytes(id)),
          tokenizer.isSpecial(id));
    };
  }

  /// One that was written down.
  static Vocabulary of(List<Wire.Token> tokens) {
    return tokens::get;
  }
}
