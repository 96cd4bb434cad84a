package dev.inferno.tokenizer;

import java.io.Serial;

/// The description of a tokenizer is well-formed but names a kind that is not handled here. The
/// message names the key, what was found and what is supported.
public final class UnsupportedTokenizerException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  /// With a message that names the key, what was found and what is supported.
  public UnsupportedTokenizerException(String message) {
    super(message);
  }

  /// The same, with what led to it.
  public UnsupportedTokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
