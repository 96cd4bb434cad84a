package dev.inferno.tokenizer.template;

/// Looks for a text within others, in a time that grows with their length alone: a template can
/// make texts for which comparing at every place would take forever. After Knuth, Morris and Pratt.
final class Search {
  /// Up to here comparing at every place is the quicker way.
  private static final int SHORT = 16;

  private final String wanted;
  private final boolean fromEnd;
  private int[] borders = {}; // of each beginning, the longest that is its end too; made if needed

  private Search(String wanted, boolean fromEnd) {
    this.wanted = wanted;
    this.fromEnd = fromEnd;
  }

  /// A search from the beginning to the end.
  static Search forwards(String wanted) {
    return new Search(wanted, false);
  }

  /// A search from the end to the beginning.
  static Search backwards(String wanted) {
    return new Search(wanted, true);
  }

  /// Whether a text has another in it.
  static boolean isIn(String text, String wanted) {
    return forwards(wanted).next(text, 0) >= 0;
  }

  /// Where the wanted text begins next, or -1.
  ///
  /// @param at where to go on: what is found begins there or behind, or ends there or before
  int next(String text, int at) {
    if (wanted.length() > (fromEnd ? at : text.length() - at)) {
      return -1;
    }
    if (wanted.length() <= SHORT) {
      return fromEnd ? text.lastIndexOf(wanted, at - wanted.length()) : text.indexOf(wanted, at);
    }
    if (borders.length == 0) {
      findBorders();
    }
    int matched = 0;
    for (int i = fromEnd ? at - 1 : at; i >= 0 && i < text.length(); i += fromEnd ? -1 : 1) {
      matched = grown(matched, text.charAt(i));
      if (matched == wanted.length()) {
        return fromEnd ? i : i + 1 - matched;
      }
    }
    return -1;
  }

  private void findBorders() {
    borders = new int[wanted.length()];
    for (int i = 1; i < borders.length; i++) {
      borders[i] = grown(borders[i - 1], at(i));
    }
  }

  /// How much of the wanted text has been met after one more character.
  private int grown(int matched, char next) {
    int length = matched;
    while (length > 0 && at(length) != next) {
      length = borders[length - 1];
    }
    return at(length) == next ? length + 1 : length;
  }

  private char at(int index) {
    return wanted.charAt(fromEnd ? wanted.length() - 1 - index : index);
  }
}
