package dev.inferno.tokenizer.huggingface;

/// Writes blanks as another character, as SentencePiece does, puts one before a text, and cuts
/// before each.
///
/// @param replacement the character
/// @param prefix before which pieces it is put, if they do not begin with it
/// @param cuts whether pieces are cut
record Metaspace(int replacement, Prefix prefix, boolean cuts) implements TextSplitter {

  private static final int LOW_BLOCK = '\u2581';

  /// Which pieces are given a blank to begin with.
  enum Prefix {
    ALWAYS,
    /// Those at the beginning of the source.
    FIRST,
    NEVER
  }

  static Metaspace read(Node node) {
    return new Metaspace(
        node.character("replacement", LOW_BLOCK), prefix(node), node.flag("split", true));
  }

  /// Older files say yes or no, newer ones when.
  static Prefix prefix(Node node) {
    String otherwise = node.flag("add_prefix_space", true) ? "always" : "never";
    String scheme = node.text("prepend_scheme").orElse(otherwise);
    return switch (scheme) {
      case "always" -> Prefix.ALWAYS;
      case "first" -> Prefix.FIRST;
      case "never" -> Prefix.NEVER;
      default ->
          throw node.unsupported(
              "prepend_scheme",
              "is '%s'; supported are always, first, never".formatted(Node.quoted(scheme)));
    };
  }

  static int replacement(Node node) {
    return node.character("replacement", LOW_BLOCK);
  }

  @Override
  public Pieces split(Pieces pieces) {
    AlignedText source = pieces.text();
    var text = new AlignedText.Builder(source, source.length() + pieces.size());
    var bounds = new Pieces.Builder(2 * pieces.size());
    for (int i = 0; i < pieces.size(); i++) {
      int piece = text.length();
      int from = pieces.start(i);
      if (isGivenBlank(source, from)) {
        text.add(replacement, source.start(from), source.start(from));
      }
      int start = piece;
      for (int at = from; at < pieces.end(i); ) {
        int c = source.text().codePointAt(at);
        boolean blank = c == ' ' || c == replacement;
        if (blank && cuts) {
          bounds.add(start, text.length());
          start = text.length();
        }
        text.add(blank ? replacement : c, source.start(at), source.end(at));
        at += Character.charCount(c);
      }
      bounds.add(start, text.length());
    }
    return bounds.build(text.build());
  }

  private boolean isGivenBlank(AlignedText source, int from) {
    int first = source.text().codePointAt(from);
    if (first == ' ' || first == replacement) {
      return false;
    }
    return switch (prefix) {
      case ALWAYS -> true;
      case FIRST -> source.start(from) == 0;
      case NEVER -> false;
    };
  }
}
