package dev.inferno.observe;

/// A callback that changes the computation threw, see {@link Point#edit}. Its generation stopped;
/// the message names the intervention, the point, the layer and the step, the cause is what it
/// threw.
public final class InterventionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// For the engine.
  public InterventionException(String message, Throwable cause) {
    super(message, cause);
  }
}
