package dev.inferno.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Subscriptions, requests and full buffers, without a model: the test tells the publisher what a
/// generation would.
class EventPublisherTest {
  private static EventPublisher publisher(int capacity, Overflow overflow) {
    return new EventPublisher(ObservationPlan.TOKENS, capacity, overflow);
  }

  private static void publish(EventPublisher publisher, int count) {
    for (int i = 0; i < count; i++) {
      publisher.onText(new TextPiece(i, "x"));
    }
  }

  private static void close(EventPublisher publisher) {
    publisher.close();
  }

  private static List<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().toList();
  }

  private static boolean waits(Thread thread) {
    return thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("patience").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @EnumSource(Overflow.class)
  void aSubscriberThatKeepsUpGetsEverything(Overflow overflow) throws Exception {
    var received = Received.everything();
    try (var publisher = publisher(1, overflow)) {
      publisher.subscribe(received);
      for (int i = 1; i <= 100; i++) {
        publish(publisher, 1);
        received.first(i);
      }
      assertThat(received.ended()).isFalse();
      close(publisher);
      assertThat(received.end()).isEmpty();
      assertThat(received.numbers()).isEqualTo(range(0, 100));
      assertThat(publisher.dropped()).isZero();
    }
  }

  @Test
  void theOldestAreDropped() throws Exception {
    var received = new Received(0);
    try (var publisher = publisher(4, Overflow.DROP_OLDEST)) {
      publisher.subscribe(received);
      publish(publisher, 10);
      assertThat(publisher.dropped()).isEqualTo(6);
      close(publisher);
      received.subscription().request(9);
      assertThat(received.end()).isEmpty();
    }
    assertThat(received.numbers()).containsExactly(6L, 7L, 8L, 9L);
  }

  @Test
  void theNewestAreDropped() throws Exception {
    var received = new Received(0);
    try (var publisher = publisher(4, Overflow.DROP_NEWEST)) {
      publisher.subscribe(received);
      publish(publisher, 10);
      assertThat(publisher.dropped()).isEqualTo(6);
      received.subscription().request(2);
      received.first(2);
      publish(publisher, 3); // there is room for two
      assertThat(publisher.dropped()).isEqualTo(7);
      close(publisher);
      received.subscription().request(9);
      assertThat(received.end()).isEmpty();
    }
    assertThat(received.numbers()).containsExactly(0L, 1L, 2L, 3L, 10L, 11L);
  }

  @Test
  void aFullBufferFailsOnce() throws Exception {
    var received = new Received(0);
    try (var publisher = publisher(4, Overflow.FAIL)) {
      publisher.subscribe(received);
      publish(publisher, 4);
      String message =
          "a subscriber is slow: its buffer of 4 events is full, and the policy is to fail";
      assertThatThrownBy(() -> publish(publisher, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
      publish(publisher, 3); // for nobody
      assertThat(publisher.dropped()).isEqualTo(1);
      received.subscription().request(9);
      assertThat(received.end().orElseThrow())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(message);
    }
    assertThat(received.numbers()).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void aFullBufferHoldsTheGenerationUntilThereIsRoom() throws Exception {
    var received = new Received(0);
    try (var publisher = publisher(4, Overflow.BLOCK)) {
      publisher.subscribe(received);
      var done = new AtomicInteger();
      Thread generation =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 10; i++) {
                  publish(publisher, 1);
                  done.incrementAndGet();
                }
              });
      until(() -> done.get() == 4 && waits(generation));
      received.subscription().request(1);
      received.first(1);
      until(() -> done.get() == 5 && waits(generation));
      received.subscription().request(Long.MAX_VALUE);
      generation.join(20_000);
      assertThat(done).hasValue(10);
      assertThat(publisher.dropped()).isZero();
      close(publisher);
      assertThat(received.end()).isEmpty();
    }
    assertThat(received.numbers()).isEqualTo(range(0, 10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"cancel", "close", "interrupt", "break a rule", "cancel the session"})
  void aGenerationIsHeldNoLongerThanAnybodyWaitsForIt(String how) throws Exception {
    var received = new Received(0);
    try (var publisher = publisher(2, Overflow.BLOCK)) {
      publisher.subscribe(received);
      var cancelled = new AtomicBoolean();
      publisher.cancellation(cancelled::get);
      var interrupted = new AtomicInteger();
      Thread generation =
          Thread.ofPlatform()
              .start(() -> {
                publish(publisher, 3);
                interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
              });
      until(() -> waits(generation));
      switch (how) {
        case "cancel" -> received.subscription().cancel();
        case "close" -> close(publisher);
        case "interrupt" -> generation.interrupt();
        case "cancel the session" -> cancelled.set(true);
        default -> received.subscription().request(-1);
      }
      generation.join(20_000);
      assertThat(generation.isAlive()).isFalse();
      assertThat(interrupted).hasValue(how.equals("interrupt") ? 1 : 0);
      assertThat(publisher.dropped()).isEqualTo(how.equals("cancel") ? 0 : 1);
    }
  }

  @Test
  void eachSubscriberHasItsOwnBuffer() throws Exception {
    var slow = new Received(0);
    var fast = Received.everything();
    var late = Received.everything();
    try (var publisher = publisher(2, Overflow.DROP_NEWEST)) {
      publisher.subscribe(slow);
      publisher.subscribe(fast);
      for (int i = 1; i <= 5; i++) {
        publish(publisher, 1);
        fast.first(i);
      }
      publisher.subscribe(late);
      publish(publisher, 1);
      close(publisher);
      slow.subscription().request(9);
      assertThat(slow.end()).isEmpty();
      assertThat(fast.end()).isEmpty();
      assertThat(late.end()).isEmpty();
      assertThat(publisher.dropped()).isEqualTo(4);
    }
    assertThat(slow.numbers()).isEqualTo(range(0, 2));
    assertThat(fast.numbers()).isEqualTo(range(0, 6));
    assertThat(late.numbers()).isEqualTo(range(5, 6));
  }

  @Test
  void requestsFromWithinASignalDoNotRecurse() throws Exception {
    int count = 50_000; // more calls than a stack holds
    var received =
        new Received(1) {
          @Override
          void received(ObserverEvent event) {
            try {
              subscription().request(1);
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
        };
    try (var publisher = publisher(count, Overflow.FAIL)) {
      publisher.subscribe(received);
      publish(publisher, count);
      close(publisher);
      assertThat(received.end()).isEmpty();
    }
    assertThat(received.numbers()).isEqualTo(range(0, count));
  }

  @Test
  void requestsAddUpToNoMoreThanWithoutBound() throws Exception {
    var received = Received.everything();
    try (var publisher = publisher(8, Overflow.FAIL)) {
      publisher.subscribe(received);
      received.subscription().request(Long.MAX_VALUE);
      received.subscription().request(1);
      publish(publisher, 5);
      close(publisher);
      assertThat(received.end()).isEmpty();
    }
    assertThat(received.numbers()).isEqualTo(range(0, 5));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void aRequestOfNothingIsAnError(long n) throws Exception {
    var received = new Received(0);
    var other = Received.everything();
    try (var publisher = publisher(8, Overflow.FAIL)) {
      publisher.subscribe(received);
      publisher.subscribe(other);
      publish(publisher, 2);
      received.subscription().request(n);
      assertThat(received.end().orElseThrow())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a subscriber must request at least 1 event, but requests " + n);
      assertThat(received.events()).isEmpty();
      publish(publisher, 1);
      close(publisher);
      assertThat(other.end()).isEmpty();
    }
    assertThat(other.numbers()).isEqualTo(range(0, 3));
  }

  @Test
  void whoCancelsGetsNothingMore() throws Exception {
    var received =
        new Received(Long.MAX_VALUE) {
          @Override
          void received(ObserverEvent event) {
            if (event.number() == 2) {
              try {
                subscription().cancel();
                subscription().cancel();
                subscription().request(-1);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            }
          }
        };
    var other = Received.everything();
    try (var publisher = publisher(8, Overflow.FAIL)) {
      publisher.subscribe(received);
      publisher.subscribe(other);
      publish(publisher, 6);
      received.first(3);
      close(publisher);
      assertThat(other.end()).isEmpty();
    }
    assertThat(received.numbers()).isEqualTo(range(0, 3));
    assertThat(received.ended()).isFalse();
  }

  @Test
  void aSubscriberThatThrowsIsCancelled() throws Exception {
    var throwing =
        new Received(Long.MAX_VALUE) {
          @Override
          void received(ObserverEvent event) {
            throw new IllegalStateException("on purpose");
          }
        };
    var other = Received.everything();
    try (var publisher = publisher(8, Overflow.FAIL)) {
      publisher.subscribe(throwing);
      publisher.subscribe(other);
      publish(publisher, 6);
      throwing.first(1);
      close(publisher);
      assertThat(other.end()).isEmpty();
    }
    assertThat(throwing.numbers()).isEqualTo(range(0, 1));
    assertThat(throwing.ended()).isFalse();
    assertThat(other.numbers()).isEqualTo(range(0, 6));
  }

  @Test
  void aSecondSubscriptionOfTheSameSubscriberIsAnError() throws Exception {
    var received = new Received(0);
    try (var publisher = publisher(8, Overflow.FAIL)) {
      publisher.subscribe(received);
      publisher.subscribe(received);
      assertThat(received.end().orElseThrow())
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the subscriber is subscribed already");
    }
  }

  @Test
  void whoComesAfterTheEndGetsTheEnd() throws Exception {
    var received = Received.everything();
    var publisher = publisher(8, Overflow.FAIL);
    publish(publisher, 3); // for nobody
    publisher.close();
    publisher.close();
    publisher.subscribe(received);
    assertThat(received.end()).isEmpty();
    publish(publisher, 3);
    assertThat(received.events()).isEmpty();
  }

  @Test
  @SuppressWarnings("NullAway") // what a caller without checks may do
  void wrongArgumentsAreRefused() {
    assertThatThrownBy(() -> publisher(0, Overflow.BLOCK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("capacity must be at least 1, but is 0");
    try (var publisher = publisher(1, Overflow.BLOCK)) {
      assertThatThrownBy(() -> publisher.subscribe(null)).isInstanceOf(NullPointerException.class);
    }
  }
}
