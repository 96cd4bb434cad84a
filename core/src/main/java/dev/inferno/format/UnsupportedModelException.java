package dev.inferno.format;

/// A model file is well-formed but holds something that is not handled: an architecture, an element
/// type, a tokenizer. The message names the file, the place, what was found and what was possible.
public final class UnsupportedModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An exception with a message that stands alone.
  public UnsupportedModelException(String message) {
    super(OneLine.of(message));
  }

  /// An exception with a message that stands alone, and its cause.
  public UnsupportedModelException(String message, Throwable cause) {
    super(OneLine.of(message), cause);
  }
}
