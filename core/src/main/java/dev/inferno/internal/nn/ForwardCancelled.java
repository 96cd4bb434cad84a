package dev.inferno.internal.nn;

/// A forward pass was given up because its session was cancelled. Carries nothing, so one instance
/// serves all.
public final class ForwardCancelled extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ForwardCancelled() {
    super("cancelled", null, false, false);
  }
}
