package dev.inferno.observe;

/// What happens when a listener throws. An error of the virtual machine itself, such as an {@link
/// OutOfMemoryError}, always ends the generation as it is.
public enum ListenerErrors {
  /// The generation ends with a {@link ListenerException}.
  END_GENERATION,
  /// The listener is detached, the generation goes on, and the other listeners see every event. A
  /// warning is logged once; the listener is not called again, and from the next step on its plan
  /// costs nothing. {@link dev.inferno.Session.Registration#failure} tells.
  ISOLATE
}
