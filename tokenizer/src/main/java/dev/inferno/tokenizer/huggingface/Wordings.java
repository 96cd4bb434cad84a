package dev.inferno.tokenizer.huggingface;

import java.util.ArrayList;
import java.util.List;

/// Decoders that put words together: blanks between them, none before a full stop.
final class Wordings {

  private Wordings() {}

  /// A token that continues a word has a prefix; all others but the first are given a blank.
  static Decoder wordPiece(String prefix, boolean tidies) {
    return tokens -> {
      List<String> decoded = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        String token = tokens.get(i);
        if (i > 0) {
          token = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
        }
        decoded.add(tidies ? tidied(token) : token);
      }
      return decoded;
    };
  }

  /// What a model of speech hears, sound by sound: the same one several times is one.
  static Decoder ctc(String padding, String delimiter, boolean tidies) {
    return tokens -> {
      List<String> decoded = new ArrayList<>(tokens.size());
      for (int i = 0; i < tokens.size(); i++) {
        if (i > 0 && tokens.get(i).equals(tokens.get(i - 1))) {
          continue;
        }
        String token = tokens.get(i).replace(padding, "");
        if (tidies) {
          token = tidied(token).replace(delimiter, " ");
        }
        if (!token.isEmpty()) {
          decoded.add(token);
        }
      }
      return decoded;
    };
  }

  /// English without the blanks that cutting off marks and short forms has put in.
  private static String tidied(String text) {
    return text.indexOf(' ') < 0
        ? text
        : text.replace(" .", ".")
            .replace(" ?", "?")
            .replace(" !", "!")
            .replace(" ,", ",")
            .replace(" ' ", "'")
            .replace(" n't", "n't")
            .replace(" 'm", "'m")
            .replace(" do not", " don't")
            .replace(" 's", "'s")
            .replace(" 've", "'ve")
            .replace(" 're", "'re");
  }
}
