package dev.inferno.tokenizer;

import java.util.Optional;

/// The kinds of token in `tokenizer.ggml.token_type`.
enum TokenType {
  UNDEFINED,
  NORMAL,
  /// Stands for what no token stands for.
  UNKNOWN,
  /// Steers the model and is no text: the beginning of a sequence, the end of a turn.
  CONTROL,
  /// Text that is always one token, whatever stands around it.
  USER_DEFINED,
  UNUSED,
  /// One byte of a character that has no token, written `<0xHH>`.
  BYTE;

  /// The type with this number in a file; empty if there is none.
  static Optional<TokenType> numbered(long number) {
    if (number < 0 || number > 6) {
      return Optional.empty();
    }
    return Optional.of(
        switch ((int) number) {
          case 1 -> NORMAL;
          case 2 -> UNKNOWN;
          case 3 -> CONTROL;
          case 4 -> USER_DEFINED;
          case 5 -> UNUSED;
          case 6 -> BYTE;
          default -> UNDEFINED;
        });
  }

  /// Whether the token is left out of text for readers, and recognised in text only on demand.
  boolean isSpecial() {
    return this == CONTROL || this == UNKNOWN;
  }
}
