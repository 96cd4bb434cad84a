package dev.inferno.observe;

/// What an {@link EventPublisher} does with an event for a subscriber whose buffer is full.
public enum Overflow {
  /// The generation waits until there is room. It goes on, without the event, if its session is
  /// cancelled or its thread interrupted.
  BLOCK,
  /// The oldest event in the buffer is dropped.
  DROP_OLDEST,
  /// The event itself is dropped.
  DROP_NEWEST,
  /// The event is dropped, the generation ends with a {@link ListenerException}, and the subscriber
  /// gets what is in its buffer and then an error.
  FAIL
}
