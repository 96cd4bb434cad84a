package dev.inferno.tokenizer.huggingface;

import dev.inferno.tokenizer.MalformedTokenizerException;

/// Puts one text in the place of every match.
///
/// @param matches what is replaced
/// @param content what takes its place
record Replacement(Matches matches, String content) implements Normalizer {
  /// Chars that decoding may put into a token, however short it is.
  private static final int MOST_ADDED = 1 << 12;

  @Override
  public AlignedText normalize(AlignedText text) {
    int[] found = matches.in(text.text(), 0, text.length());
    if (found.length == 0) {
      return text;
    }
    var builder = new AlignedText.Builder(text, text.length() + content.length());
    int at = 0;
    for (int i = 0; i < found.length; i += 2) {
      int from = found[i];
      int to = found[i + 1];
      builder.add(text, at, from);
      if (from < to) {
        builder.add(content, text.start(from), text.end(to - 1));
      } else {
        int place = from < text.length() ? text.start(from) : text.end(text.length() - 1);
        builder.add(content, place, place);
      }
      at = to;
    }
    builder.add(text, at, text.length());
    return builder.build();
  }

  /// The same for a token that is decoded.
  String decode(String token) {
    int[] found = matches.in(token, 0, token.length());
    if (found.length == 0) {
      return token;
    }
    var decoded = new StringBuilder(token.length());
    int at = 0;
    for (int i = 0; i < found.length; i += 2) {
      decoded.append(token, at, found[i]).append(content);
      requireShort(decoded.length(), token.length());
      at = found[i + 1];
    }
    return decoded.append(token, at, token.length()).toString();
  }

  private void requireShort(int length, int before) {
    long most = (long) AlignedText.LARGEST_GROWTH * before + MOST_ADDED;
    if (length > most) {
      throw new MalformedTokenizerException(
          "the decoder Replace with '%s' makes more than %d chars of a token of %d; possible are %d for each and %d more"
              .formatted(
                  Node.quoted(content), most, before, AlignedText.LARGEST_GROWTH, MOST_ADDED));
    }
  }
}
