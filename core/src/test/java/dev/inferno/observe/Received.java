package dev.inferno.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A subscriber that keeps what it gets, and fails if two of its methods run at once or anything
/// comes after the end.
class Received implements Flow.Subscriber<ObserverEvent> {
  private final long first; // how many it requests at the beginning
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final CompletableFuture<Optional<Throwable>> end = new CompletableFuture<>();
  private final List<ObserverEvent> events = new ArrayList<>(); // guarded by itself
  private final AtomicInteger running = new AtomicInteger();
  private volatile Optional<String> fault = Optional.empty();

  Received(long first) {
    this.first = first;
  }

  static Received everything() {
    return new Received(Long.MAX_VALUE);
  }

  /// What an event does to the subscriber, for tests.
  void received(ObserverEvent event) {}

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    signal(() -> {
      this.subscription.complete(subscription);
      if (first > 0) {
        subscription.request(first);
      }
    });
  }

  @Override
  public void onNext(ObserverEvent event) {
    signal(() -> {
      synchronized (events) {
        events.add(event);
        events.notifyAll();
      }
      received(event);
    });
  }

  @Override
  public void onError(Throwable failure) {
    signal(() -> end.complete(Optional.of(failure)));
  }

  @Override
  public void onComplete() {
    signal(() -> end.complete(Optional.empty()));
  }

  private void signal(Runnable work) {
    if (running.incrementAndGet() > 1) {
      fault = Optional.of("two signals at once");
    }
    if (end.isDone()) {
      fault = Optional.of("a signal after the end");
    }
    try {
      work.run();
    } finally {
      running.decrementAndGet();
    }
  }

  /// Waits for the subscription.
  Flow.Subscription subscription() throws Exception {
    return subscription.get(20, TimeUnit.SECONDS);
  }

  /// Waits for the end: empty if it is completed, or the error.
  Optional<Throwable> end() throws Exception {
    Optional<Throwable> failure = end.get(20, TimeUnit.SECONDS);
    fault.ifPresent(message -> {
      throw new AssertionError(message);
    });
    return failure;
  }

  boolean ended() {
    return end.isDone();
  }

  /// Waits until so many events have come.
  List<ObserverEvent> first(int count) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    synchronized (events) {
      while (events.size() < count) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          throw new AssertionError("only " + events.size() + " events of " + count);
        }
        events.wait(left);
      }
      return List.copyOf(events);
    }
  }

  /// The events so far.
  List<ObserverEvent> events() {
    synchronized (events) {
      return List.copyOf(events);
    }
  }

  /// Their numbers.
  List<Long> numbers() {
    return events().stream().map(ObserverEvent::number).toList();
  }
}
