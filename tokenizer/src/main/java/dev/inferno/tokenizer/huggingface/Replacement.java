package dev.inferno.tokenizer.huggingface;

/// Puts one text in the place of every match.
///
/// @param matches what is replaced
/// @param content what takes its place
record Replacement(Matches matches, String content) implements Normalizer {

  @Override
  public AlignedText normalize(AlignedText text) {
    int[] found = matches.in(text.text(), 0, text.length());
    if (found.length == 0) {
      return text;
    }
    var builder = new AlignedText.Builder(text.length() + content.length());
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
      at = found[i + 1];
    }
    return decoded.append(token, at, token.length()).toString();
  }
}
