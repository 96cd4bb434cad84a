package dev.inferno.observe;

import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// One subscriber of an {@link EventPublisher}, with its buffer.
///
/// The generation's thread offers events; a virtual thread, the only one that calls the subscriber,
/// takes them as the subscriber requests. So no two calls overlap, and a request from within
/// `onNext` is a number that is added and no recursion. The subscriber is called outside the lock.
final class EventSubscription implements Flow.Subscription {
  /// How often a generation that waits for room looks whether it is cancelled.
  private static final long LOOK_UP_MILLIS = 20;

  private static final System.Logger LOG = System.getLogger("dev.inferno");

  private final Flow.Subscriber<? super ObserverEvent> subscriber;
  private final int capacity;
  private final Overflow overflow;
  private final AtomicLong dropped;
  private final BooleanSupplier abandoned; // the generation need not wait any more
  private final Consumer<EventSubscription> whenOver;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.
  private final ArrayDeque<ObserverEvent> buffer = new ArrayDeque<>();
  private long requested;
  private boolean finished; // no more events are accepted
  private boolean cancelled; // nor delivered
  private Optional<Throwable> failure = Optional.empty();

  EventSubscription(
      Flow.Subscriber<? super ObserverEvent> subscriber,
      int capacity,
      Overflow overflow,
      AtomicLong dropped,
      BooleanSupplier abandoned,
      Consumer<EventSubscription> whenOver) {
    this.subscriber = subscriber;
    this.capacity = capacity;
    this.overflow = overflow;
    this.dropped = dropped;
    this.abandoned = abandoned;
    this.whenOver = whenOver;
  }

  static String full(int capacity) {
    return "a subscriber is slow: its buffer of %d events is full, and the policy is to fail"
        .formatted(capacity);
  }

  boolean isOf(Flow.Subscriber<? super ObserverEvent> other) {
    return subscriber.equals(other);
  }

  void start() {
    Thread.ofVirtual().name("inferno-events").start(this::deliver);
  }

  /// Puts an event into the buffer, or does what the policy says.
  ///
  /// @return false if that is to fail
  boolean offer(ObserverEvent event) {
    lock.lock();
    try {
      if (finished) {
        return true;
      }
      if (buffer.size() == capacity && !makeRoom()) {
        if (!cancelled) {
          dropped.incrementAndGet();
        }
        return overflow != Overflow.FAIL;
      }
      buffer.add(event);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean makeRoom() {
    return switch (overflow) {
      case BLOCK -> awaitRoom();
      case DROP_OLDEST -> {
        buffer.remove();
        dropped.incrementAndGet();
        yield true;
      }
      case DROP_NEWEST -> false;
      case FAIL -> {
        finish(Optional.of(new IllegalStateException(full(capacity))));
        yield false;
      }
    };
  }

  private boolean awaitRoom() {
    while (buffer.size() == capacity && !finished) {
      if (abandoned.getAsBoolean()) {
        return false;
      }
      try {
        boolean _ = changed.await(LOOK_UP_MILLIS, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // by which the generation knows that it is cancelled
        return false;
      }
    }
    return !finished;
  }

  /// Accepts no more events; the subscriber gets the buffered ones and then the end. Only the first
  /// end counts.
  void finish(Optional<Throwable> failure) {
    lock.lock();
    try {
      if (!finished) {
        finished = true;
        this.failure = failure;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The subscriber broke a rule: it gets this error and nothing else.
  void abort(RuntimeException error) {
    lock.lock();
    try {
      finished = true;
      failure = Optional.of(error);
      buffer.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void request(long n) {
    if (n <= 0) {
      abort(
          new IllegalArgumentException(
              "a subscriber must request at least 1 event, but requests " + n));
      return;
    }
    lock.lock();
    try {
      requested = n > Long.MAX_VALUE - requested ? Long.MAX_VALUE : requested + n;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    lock.lock();
    try {
      finished = true;
      cancelled = true;
      buffer.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    whenOver.accept(this);
  }

  /// The work of the virtual thread.
  private void deliver() {
    try {
      subscriber.onSubscribe(this);
      Optional<ObserverEvent> next = take();
      while (next.isPresent()) {
        subscriber.onNext(next.get());
        next = take();
      }
      signalEnd();
    } catch (Throwable e) { // whatever it is, it is the subscriber's
      LOG.log(Level.WARNING, "a subscriber of events threw and is cancelled", e);
      cancel();
    } finally {
      whenOver.accept(this);
    }
  }

  /// Waits for an event that is requested.
  ///
  /// @return empty if there will be none
  private Optional<ObserverEvent> take() {
    lock.lock();
    try {
      while (buffer.isEmpty() ? !finished : requested == 0) {
        changed.awaitUninterruptibly();
      }
      if (buffer.isEmpty()) {
        return Optional.empty();
      }
      requested -= requested == Long.MAX_VALUE ? 0 : 1; // so many are without bound
      changed.signalAll();
      return Optional.of(buffer.remove());
    } finally {
      lock.unlock();
    }
  }

  private void signalEnd() {
    Optional<Throwable> end;
    lock.lock();
    try {
      if (cancelled) {
        return;
      }
      end = failure;
    } finally {
      lock.unlock();
    }
    end.ifPresentOrElse(subscriber::onError, subscriber::onComplete);
  }
}
