package dev.inferno;

import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Which thread works with a session, and whether it should stop. One thread at a time begins, ends
/// and closes; any thread may cancel and ask.
final class Occupation {
  private final BooleanSupplier closing; // of the model
  private boolean closed;
  private volatile boolean cancelled;
  private volatile @Nullable Thread worker;
  private volatile Optional<Occupation> superior = Optional.empty();

  Occupation(BooleanSupplier closing) {
    this.closing = closing;
  }

  /// A thread begins to work.
  ///
  /// @throws IllegalStateException if another does, or the session is closed
  void begin(Thread thread) {
    requireIdle();
    cancelled = false;
    worker = thread;
  }

  void end() {
    worker = null;
  }

  boolean isOfThisThread() {
    return worker == Thread.currentThread();
  }

  void cancel() {
    cancelled = true;
  }

  /// Is cancelled where another one is.
  void obey(Occupation superior) {
    this.superior = Optional.of(superior);
  }

  /// Whether its work should stop, asked on the thread that does it: interruption counts.
  boolean isCancelled() {
    return isMarkedCancelled() || Thread.currentThread().isInterrupted();
  }

  /// The same, whatever the thread.
  boolean isMarkedCancelled() {
    return cancelled
        || closing.getAsBoolean()
        || (superior.isPresent() && superior.get().isMarkedCancelled());
  }

  /// @throws IllegalStateException if a thread works with the session, or it is closed
  void requireIdle() {
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
    if (worker != null) {
      throw new IllegalStateException(
          "the session is at work; it is for one thread at a time, and not for its own listeners");
    }
  }

  /// Lets nobody begin any more.
  ///
  /// @return false if it was closed already
  /// @throws IllegalStateException if a thread works with the session
  boolean close() {
    if (closed) {
      return false;
    }
    requireIdle();
    closed = true;
    return true;
  }
}
