package dev.inferno.tokenizer;

import java.io.Serial;

/// The description of a tokenizer contradicts itself or its format: an array of the wrong type or
/// length, a missing key, a byte token that names no byte. The message names the key, what was
/// found and what was possible.
public final class MalformedTokenizerException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  /// With a message that names the key, what was found and what was possible.
  public MalformedTokenizerException(String message) {
    super(message);
  }

  /// The same, with what led to it.
  public MalformedTokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
