package dev.inferno.tokens;

import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Encoding;
import dev.inferno.tokenizer.EncodingStep;
import dev.inferno.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/// Needs the tokenizer, and nothing else of the library.
public final class ShowTokens {
  private ShowTokens() {}

  /// Prints how a text becomes tokens, and what text they become again.
  ///
  /// @param args the path of a `tokenizer.json`, of a SentencePiece `.model` or of a folder that
  ///   has one, and a text
  public static void main(String[] args) throws IOException {
    Tokenizer tokenizer = Tokenizer.read(Path.of(args[0]));
    Encoding encoding = tokenizer.encode(args[1], EncodeOptions.defaults(), ShowTokens::print);
    System.out.println(encoding.size() + " tokens: " + tokenizer.decode(encoding.ids()));
  }

  private static void print(EncodingStep step) {
    switch (step) {
      case EncodingStep.Piece piece -> System.out.println("piece '" + piece.text() + "'");
      case EncodingStep.Merge merge ->
          System.out.println(
              "  " + merge.left() + " + " + merge.right() + ", rank " + merge.rank());
      case EncodingStep.Token token ->
          System.out.println("  token " + token.id() + " is " + token.token());
      default -> {} // what other kinds of tokenizers do, and less important steps
    }
  }
}
