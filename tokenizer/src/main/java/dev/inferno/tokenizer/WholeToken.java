package dev.inferno.tokenizer;

import dev.inferno.tokenizer.huggingface.Node;

/// A token that is found in text as a whole, before a model sees the rest.
///
/// @param text what is found
/// @param singleWord whether only where neither side goes on with a letter, a digit or the like
/// @param stripsLeft whether the blanks before it belong to it
/// @param stripsRight whether the blanks behind it do
/// @param normalized whether it is found in normalized text, normalized itself
/// @param special whether it steers the model and is no text
record WholeToken(
    String text,
    int id,
    boolean singleWord,
    boolean stripsLeft,
    boolean stripsRight,
    boolean normalized,
    boolean special) {

  /// A token that is found wherever its text is.
  static WholeToken plain(String text, int id, boolean special) {
    return new WholeToken(text, id, false, false, false, false, special);
  }

  /// An element of `added_tokens`.
  static WholeToken read(Node node, int id) {
    boolean special = node.flag("special", false);
    return new WholeToken(
        node.requiredText("content"),
        id,
        node.flag("single_word", false),
        node.flag("lstrip", false),
        node.flag("rstrip", false),
        node.flag("normalized", !special),
        special);
  }

  WholeToken withText(String other) {
    return new WholeToken(other, id, singleWord, stripsLeft, stripsRight, normalized, special);
  }
}
