package dev.inferno.format;

/// A model file breaks its own format: it is truncated, damaged, or not a model file at all. The
/// message names the file, the place, what was found and what was possible.
public final class MalformedModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// An exception with a message that stands alone.
  public MalformedModelException(String message) {
    super(OneLine.of(message));
  }

  /// An exception with a message that stands alone, and its cause.
  public MalformedModelException(String message, Throwable cause) {
    super(OneLine.of(message), cause);
  }
}
