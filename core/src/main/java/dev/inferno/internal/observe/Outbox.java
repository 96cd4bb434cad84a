package dev.inferno.internal.observe;

import java.util.ArrayList;
import java.util.List;

/// Where activations go: to their listeners at once, or after the forward pass if it is done for
/// several sessions, and on another thread than theirs. For one thread at a time.
final class Outbox {
  private static final List<Held> NOTHING = List.of();

  private boolean holding;
  private List<Held> held = NOTHING;

  /// A call that waits.
  ///
  /// @param where the point
  record Held(Listening listening, String where, Runnable delivery) {}

  void hold() {
    holding = true;
    held = new ArrayList<>();
  }

  /// Whether what is sent has to last until the pass is over.
  boolean isHolding() {
    return holding;
  }

  void send(Listening listening, String where, Runnable delivery) {
    if (holding) {
      held.add(new Held(listening, where, delivery));
    } else {
      delivery.run();
    }
  }

  /// Ends the holding.
  ///
  /// @return what waits, in the order it was sent
  List<Held> release() {
    List<Held> all = held;
    holding = false;
    held = NOTHING;
    return all;
  }
}
