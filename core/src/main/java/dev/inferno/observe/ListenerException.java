package dev.inferno.observe;

/// A listener threw. Its generation stopped; the message names the listener, the event and the
/// step, the cause is what it threw.
public final class ListenerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// For the engine.
  public ListenerException(String message, Throwable cause) {
    super(message, cause);
  }
}
