package dev.inferno;

import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.nn.Segment;
import dev.inferno.internal.observe.Observation;
import dev.inferno.observe.CacheChange;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// How the tokens of one session pass through its model: a chunk at a time, alone or with those of
/// others, and a few that are only expected along with the one that is due. A pass that fails or is
/// cancelled leaves the cache as it was. For the thread that works with the session.
final class ForwardPasses {
  private final Session session;
  private final int threads;
  private final KvCache cache;
  private final Observation observation;
  private final Segment segment;
  private final List<Segment> segments;
  private final ForwardPass alone;
  private final BooleanSupplier cancelled;
  private Optional<Scheduler> scheduler = Optional.empty(); // that it shares forward passes with
  private int sharedBy = 1; // how many sessions, in the last of them

  ForwardPasses(
      Session session, int threads, KvCache cache, Observation observation, float[] logits) {
    this.session = session;
    this.threads = threads;
    this.cache = cache;
    this.observation = observation;
    this.segment = new Segment(cache, observation, logits);
    this.segments = List.of(segment);
    this.alone = new ForwardPass(session.model());
    this.cancelled = session.occupation()::isCancelled;
  }

  /// From here on its rows pass through the model together with those of others.
  void shareWith(Scheduler scheduler) {
    this.scheduler = Optional.of(scheduler);
  }

  void shareWithNobody() {
    scheduler = Optional.empty();
    sharedBy = 1;
  }

  /// How many sessions the last forward pass was done for.
  int sharedBy() {
    return sharedBy;
  }

  /// A forward pass for so many sessions is over.
  void sharedBy(int sessions) {
    sharedBy = sessions;
  }

  /// What passes through the model next, or did last.
  Segment segment() {
    return segment;
  }

  /// How many threads a pass may use.
  int threads() {
    return threads;
  }

  /// Passes all of the first `length` tokens that the cache does not hold through the model, a
  /// chunk at a time.
  void forward(int[] tokens, boolean[] generated, int length) {
    while (cache.length() < length) {
      int first = cache.length();
      int rows = Math.min(Batch.CHUNK, length - first);
      segment.prepare(tokens, generated, first, rows, length);
      pass(first);
      complete(rows);
    }
  }

  /// Passes the token that is due through the model, and with it those that are expected behind it,
  /// as rows of one short segment: each gets the bits that it would get alone. The cache holds none
  /// of them until they are {@link #complete}, or all that are not are {@link #dropAhead dropped}.
  /// Nobody may watch points.
  ///
  /// @param draft the tokens that are expected
  /// @param drafted how many there are
  /// @param logits receives those of each row, `[1 + drafted, vocabulary]`
  void forwardAhead(int token, int[] draft, int drafted, float[] logits) {
    segment.prepareDraft(token, draft, drafted, logits);
    pass(cache.length());
  }

  /// Rows that have passed through the model are there.
  void complete(int rows) {
    int first = cache.length();
    cache.complete(first + rows, segment.textLength(first + rows - 1));
    observation.release();
    observation.cacheChanged(CacheChange.Kind.WRITE, first, rows, 0);
  }

  /// Forgets rows that were passed ahead and not completed.
  void dropAhead() {
    cache.truncate(cache.length());
  }

  private void pass(int first) {
    boolean done = false;
    try {
      share(first);
      observation.endForward(segment);
      done = true;
    } finally {
      if (!done) {
        cache.truncate(first); // pages that only some layers have filled
        observation.drop();
      }
    }
  }

  /// Passes the segment's rows through the model, with others' if there is a scheduler. A callback
  /// among the interventions has to run on this thread, inside the pass.
  private void share(int first) {
    if (scheduler.isPresent() && !observation.hasCallbacks()) {
      observation.hold();
      if (scheduler.get().pass(session)) {
        return;
      }
      observation.drop();
      cache.truncate(first);
    }
    sharedBy = 1;
    alone.run(segments, threads, cancelled);
  }
}
