package dev.inferno.tokenizer;

/// What becomes of special tokens, such as the one that ends a turn, when tokens are decoded.
public enum SpecialText {
  /// Their text appears among the rest.
  SHOWN,
  /// They are left out.
  HIDDEN
}
