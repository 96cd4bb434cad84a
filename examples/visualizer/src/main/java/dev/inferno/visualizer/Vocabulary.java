package dev.inferno.visualizer;

import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Encoding;
import dev.inferno.tokenizer.Tokenizer;
import java.util.ArrayList;
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
        return padding(id);
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
    return id -> id < tokens.size() ? tokens.get(id) : padding(id);
  }

  private static Wire.Token padding(int id) {
    return new Wire.Token(id, "[" + id + "]", "", "", true);
  }

  /// A text as tokens, with what the model puts before it, and where in the text each stands.
  static Wire.Tokens tokens(Tokenizer tokenizer, Wire.Tokenize request) {
    boolean parseSpecial = request.parseSpecial() == null || request.parseSpecial();
    Encoding encoding =
        tokenizer.encode(request.text(), EncodeOptions.prompt().withParsedSpecials(parseSpecial));
    Vocabulary vocabulary = of(tokenizer);
    List<Wire.PlacedToken> tokens = new ArrayList<>();
    for (int i = 0; i < encoding.size(); i++) {
      Wire.Token token = vocabulary.token(encoding.id(i));
      tokens.add(
          new Wire.PlacedToken(
              token.id(),
              token.piece(),
              token.text(),
              token.bytes(),
              token.special(),
              encoding.byteStart(i),
              encoding.byteEnd(i),
              encoding.charStart(i),
              encoding.charEnd(i)));
    }
    return new Wire.Tokens(tokens);
  }
}
