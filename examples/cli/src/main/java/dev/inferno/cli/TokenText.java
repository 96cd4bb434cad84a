package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What single tokens read, if there is a tokenizer.
record TokenText(Optional<Tokenizer> tokenizer) {
  private static final int SHOWN = 18; // characters

  /// The text of a token; its id in brackets where it has none: without a tokenizer, or where a
  /// vocabulary is padded and the logits have ids that no token has.
  String of(int id) {
    return has(id) ? tokenizer.orElseThrow().decode(id) : "[" + id + "]";
  }

  /// The same in quotation marks, on one line and cut where it is long.
  String quoted(int id) {
    if (!has(id)) {
      return of(id);
    }
    String shown = TextNode.valueOf(of(id)).toString();
    return shown.length() <= SHOWN ? shown : shown.substring(0, SHOWN - 2) + "…\"";
  }

  private boolean has(int id) {
    return tokenizer.isPresent() && id < tokenizer.get().vocabularySize();
  }

  /// The one token that a text is.
  ///
  /// @param option the option that has the text
  /// @throws IllegalArgumentException if it is none or several
  int id(String option, String text) {
    int[] ids =
        tokenizer
            .orElseThrow()
            .encode(text, EncodeOptions.defaults().withAddedSpecials(false))
            .ids();
    if (ids.length != 1) {
      throw new IllegalArgumentException(
          "%s must be one token, but %s is %d: %s"
              .formatted(
                  option,
                  TextNode.valueOf(text),
                  ids.length,
                  Arrays.stream(ids)
                      .mapToObj(id -> quoted(id) + " " + id)
                      .collect(Collectors.joining(", "))));
    }
    return ids[0];
  }
}
