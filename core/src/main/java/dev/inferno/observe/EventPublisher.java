package dev.inferno.observe;

import dev.inferno.ModelInfo;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.StageView;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongFunction;

/// Publishes the events of one generation to subscribers on other threads: the bridge from a {@link
/// StepListener} to {@link java.util.concurrent.Flow}.
///
/// ```java
/// try (var publisher = new EventPublisher(ObservationPlan.TOKENS, 256, Overflow.DROP_OLDEST)) {
///   publisher.subscribe(subscriber);
///   session.addListener(publisher);
///   session.generate(prompt, options);
/// }
/// ```
///
/// What is borrowed is copied, once for all subscribers, and only if there are any. Each subscriber
/// gets the events from its subscription on, through a buffer of its own, one at a time, in order,
/// on a virtual thread of its own: a subscriber may take its time, request from within `onNext`,
/// and need not be thread-safe. What happens when it falls behind is {@link Overflow}.
///
/// The end of the generation completes every subscription, behind its last event; a generation that
/// fails ends it with what it failed with, {@link #close} completes it at any time. After that
/// nothing more is published, and who subscribes gets the end at once. A subscriber that throws is
/// cancelled, with a warning in the log, and does not disturb the generation. With {@link
/// Overflow#FAIL} and {@link ListenerErrors#ISOLATE} a slow subscriber detaches the publisher from
/// its session: then {@link #close} completes the other subscriptions.
///
/// Follows the rules of <https://www.reactive-streams.org>. All methods are thread-safe, but its
/// events should come from one session.
public final class EventPublisher
    implements StepListener, Flow.Publisher<ObserverEvent>, AutoCloseable {
  private final ObservationPlan plan;
  private final int capacity;
  private final Overflow overflow;
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong published = new AtomicLong();
  private final List<EventSubscription> subscriptions = new CopyOnWriteArrayList<>();
  private volatile boolean stopRequested;
  private volatile BooleanSupplier cancelled = () -> false;

  // Guarded by this object's monitor; subscriptions are added in it too.
  private boolean ended;
  private Optional<Throwable> failure = Optional.empty();

  /// A publisher without subscribers.
  ///
  /// @param plan what it asks for, see {@link StepListener#plan}
  /// @param capacity how many events each subscriber's buffer holds, at least 1; an activation is
  ///   one event, whatever its size
  /// @param overflow what happens to an event for a full buffer
  /// @throws IllegalArgumentException if the capacity is less than 1
  public EventPublisher(ObservationPlan plan, int capacity, Overflow overflow) {
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity must be at least 1, but is " + capacity);
    }
    this.plan = Objects.requireNonNull(plan);
    this.capacity = capacity;
    this.overflow = Objects.requireNonNull(overflow);
  }

  /// How many events subscribers did not get because their buffer was full, over all subscribers.
  public long dropped() {
    return dropped.get();
  }

  /// Adds a subscriber. Its `onSubscribe` is called on the thread that will call its other methods.
  /// Subscribing one that is subscribed ends its subscription with an {@link
  /// IllegalStateException}.
  @Override
  public void subscribe(Flow.Subscriber<? super ObserverEvent> subscriber) {
    Objects.requireNonNull(subscriber);
    synchronized (this) {
      for (EventSubscription subscription : subscriptions) {
        if (subscription.isOf(subscriber)) {
          subscription.abort(new IllegalStateException("the subscriber is subscribed already"));
          return;
        }
      }
      var subscription =
          new EventSubscription(
              subscriber,
              capacity,
              overflow,
              dropped,
              () -> cancelled.getAsBoolean(),
              subscriptions::remove);
      if (ended) {
        subscription.finish(failure);
      } else {
        subscriptions.add(subscription);
      }
      subscription.start();
    }
  }

  /// Completes all subscriptions; their buffers can still be emptied. A generation that waits for
  /// room in one goes on. Called again it does nothing.
  @Override
  public void close() {
    end(Optional.empty());
  }

  private synchronized void end(Optional<Throwable> failure) {
    if (!ended) {
      ended = true;
      this.failure = failure;
      subscriptions.forEach(subscription -> subscription.finish(failure));
    }
  }

  private void publish(LongFunction<ObserverEvent> maker) {
    long number = published.getAndIncrement();
    if (subscriptions.isEmpty()) {
      return;
    }
    ObserverEvent event = maker.apply(number);
    boolean failed = false;
    for (EventSubscription subscription : subscriptions) {
      failed |= !subscription.offer(event);
    }
    if (failed) {
      throw new IllegalStateException(EventSubscription.full(capacity));
    }
  }

  @Override
  public ObservationPlan plan(ModelInfo model) {
    return plan;
  }

  @Override
  public void cancellation(BooleanSupplier cancelled) {
    this.cancelled = cancelled;
  }

  @Override
  public void onGenerationStart(GenerationStart start) {
    publish(number -> new ObserverEvent.GenerationStarted(number, start));
  }

  @Override
  public void onPromptTokens(PromptTokens prompt) {
    publish(number -> new ObserverEvent.PromptGiven(number, prompt));
  }

  @Override
  public void onStepStart(StepStart start) {
    publish(number -> new ObserverEvent.StepStarted(number, start));
  }

  @Override
  public void onCacheChange(CacheChange change) {
    publish(number -> new ObserverEvent.CacheChanged(number, change));
  }

  @Override
  public void onActivation(Activation activation) {
    publish(number -> new ObserverEvent.PointReached(number, copy(activation)));
  }

  private static Activation copy(Activation activation) {
    return new Activation(
        activation.hook(),
        activation.layer().orElse(-1),
        activation.step(),
        activation.positions(),
        activation.heads(),
        CopiedTensor.of(activation.tensor()),
        activation.indices().map(CopiedTensor::of),
        activation.firstKey(),
        activation.interventions());
  }

  @Override
  public void onSamplerStage(StageView stage) {
    publish(number -> ObserverEvent.SamplerStageDone.of(number, stage));
  }

  @Override
  public void onDistribution(CandidatesView distribution) {
    publish(number -> ObserverEvent.DistributionReady.of(number, distribution));
  }

  @Override
  public void onDraw(Draw draw) {
    publish(number -> new ObserverEvent.Drawn(number, draw));
  }

  @Override
  public void onSelection(Selection s) {
    publish(number ->
        new ObserverEvent.Selected(
            number,
            new Selection(
                s.step(),
                s.position(),
                s.id(),
                s.piece(),
                s.text(),
                s.rank(),
                s.probability(),
                s.logProbability(),
                s.entropy(),
                s.margin(),
                s.forced(),
                this::requestStop)));
    if (stopRequested) {
      s.stop();
    }
  }

  @Override
  public void onVerification(Verification verification) {
    publish(number -> new ObserverEvent.DraftVerified(number, verification));
  }

  @Override
  public void onText(TextPiece piece) {
    publish(number -> new ObserverEvent.TextAdded(number, piece));
  }

  @Override
  public void onStepEnd(StepEnd end) {
    publish(number ->
        new ObserverEvent.StepEnded(
            number,
            new StepEnd(
                end.step(),
                end.firstPosition(),
                end.rows(),
                end.forwardNanos(),
                end.samplingNanos(),
                end.cachedPositions(),
                end.sessions(),
                this::requestStop)));
    if (stopRequested) {
      end.stop();
    }
  }

  /// The engine's own `stop` is for the thread of the generation.
  private void requestStop() {
    stopRequested = true;
  }

  @Override
  public void onGenerationEnd(GenerationEnd end) {
    try {
      publish(number -> new ObserverEvent.GenerationEnded(number, end));
    } finally {
      end(end.failure());
    }
  }
}
