package dev.inferno.cli;

import java.util.concurrent.CancellationException;

/// Ends a long work from another thread, whatever part of it is under way. Thread-safe.
final class Stop {
  private Runnable cancel = () -> {};
  private volatile boolean stopped;

  /// Ends the part that is under way; no other begins.
  synchronized void stop() {
    stopped = true;
    cancel.run();
  }

  /// A part begins, which `cancel` ends from another thread.
  ///
  /// @throws CancellationException if all is to end; `cancel` was called then
  synchronized void during(Runnable cancel) {
    this.cancel = cancel;
    if (stopped) {
      cancel.run();
    }
    check();
  }

  /// Goes on, unless all is to end.
  ///
  /// @throws CancellationException if it is
  void check() {
    if (stopped) {
      throw new CancellationException("stopped");
    }
  }
}
