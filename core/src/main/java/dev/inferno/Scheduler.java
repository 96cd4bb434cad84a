package dev.inferno;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.ForwardCancelled;
import dev.inferno.internal.nn.Segment;
import dev.inferno.observe.StepListener;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/// Runs the generations of several sessions side by side: one pass over the weights gives each of
/// them its next token, so that eight sessions take little longer than one.
///
/// Every generation has a thread of its own, on which its sampler works and its listeners are
/// called. Where several threads need a forward pass, one of them does it for all. One that is
/// late, since its listener is slow, is waited for only briefly; it misses that pass and joins a
/// later one.
///
/// A generation gives what it would give alone, to the bit, and its listeners see the same in the
/// same order: what the pass shows is copied for them, and delivered when it is over. {@link
/// StepListener} events that can stop the generation act before its next step.
///
/// A session with a callback among its interventions passes alone, since callbacks run inside the
/// pass.
///
/// One per model, see {@link Model#scheduler}. Thread-safe.
public final class Scheduler {
  private static final System.Logger LOG = System.getLogger("dev.inferno");

  /// How long a pass waits for those who were in the one before: this part of what that one took,
  /// within bounds.
  private static final int PATIENCE = 4;

  /// A thread that has slept needs about this to sample and to come again.
  private static final long SHORTEST_PATIENCE_NANOS = 1_000_000;

  private static final long LONGEST_PATIENCE_NANOS = 20_000_000;

  /// How often those who wait look whether they are cancelled.
  private static final long LOOK_UP_NANOS = 20_000_000;

  private final Model model;
  private final ForwardPass forwardPass;

  // All below is guarded by this object's monitor. A session is in at most one of the lists.
  private final List<Session> waiting = new ArrayList<>(); // for a pass, in the order they came
  private final List<Session> away = new ArrayList<>(); // were in the last pass, will come again
  private final List<Session> passed = new ArrayList<>(); // and have not heard of it yet
  private final List<Session> failed = new ArrayList<>();
  private boolean passing;
  private long patienceEnds; // as System.nanoTime counts

  Scheduler(Model model) {
    this.model = model;
    this.forwardPass = new ForwardPass(model);
  }

  /// Begins to generate in a session, which is at work until that ends. What is wrong with the
  /// arguments is thrown here, what goes wrong later by the future.
  ///
  /// @param listeners that hear of this generation only, beside those of the session
  /// @return the generation. {@link Session#cancel} ends it soon, and the future then gives what
  ///   there is; cancelling the future with interruption ends it too, and it gives nothing, while
  ///   the session is at work for a moment more
  /// @throws IllegalArgumentException if the prompt has no tokens or does not fit in the context,
  ///   the session belongs to another model, or a listener's plan asks for what is impossible or
  ///   for more than its budget
  /// @throws IllegalStateException if the session is closed or at work, or the model is closed
  public Future<Generation> submit(
      Session session, String prompt, GenerationOptions options, StepListener... listeners) {
    return submit(session, session.encode(prompt, options), options, listeners);
  }

  /// The same with tokens.
  public Future<Generation> submit(
      Session session, int[] prompt, GenerationOptions options, StepListener... listeners) {
    if (session.model() != model) {
      throw new IllegalArgumentException(
          "the session belongs to %s, but the scheduler to %s"
              .formatted(session.model().info().name(), model.info().name()));
    }
    session.requireGenerable(prompt, options);
    var submission = new Submission(session);
    var task = new FutureTask<>(submission);
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("inferno-generation")
            .unstarted(() -> {
              task.run();
              submission.end(); // of one that was cancelled before it began
            });
    model.enter(session, thread);
    boolean started = false;
    try {
      submission.prepare(prompt.clone(), options, listeners);
      thread.start();
      started = true;
    } finally {
      if (!started) {
        submission.end();
      }
    }
    return task;
  }

  /// A generation on its thread.
  private final class Submission implements Callable<Generation> {
    private final Session session;
    private final List<Session.Registration> registrations = new ArrayList<>();
    private Optional<GenerationLoop> loop = Optional.empty();
    private boolean ended;

    Submission(Session session) {
      this.session = session;
    }

    /// Checks what can be before it begins.
    void prepare(int[] prompt, GenerationOptions options, StepListener... listeners) {
      for (StepListener listener : listeners) {
        registrations.add(session.addListener(listener));
      }
      var prepared = new GenerationLoop(session, prompt, options, _ -> {}, false);
      prepared.requirePossible();
      loop = Optional.of(prepared);
    }

    @Override
    public Generation call() {
      session.passes().shareWith(Scheduler.this);
      try {
        return loop.orElseThrow().run();
      } finally {
        end();
      }
    }

    /// The session is free again, before the future says so.
    void end() {
      if (!ended) {
        ended = true;
        registrations.forEach(Session.Registration::close);
        session.observation().endRun();
        session.passes().shareWithNobody();
        leave(session);
        model.exit(session);
      }
    }
  }

  /// A session will not come again: nobody waits for it.
  private synchronized void leave(Session session) {
    away.remove(session);
    notifyAll();
  }

  /// Passes the prepared segment of a session through the model, together with those of others.
  ///
  /// @return false if that failed or was cancelled: the session has to pass alone, and meets the
  ///   fault itself if it is its own
  boolean pass(Session session) {
    enqueue(session);
    List<Session> members = awaitTurn(session);
    while (!members.isEmpty()) { // this thread does the pass for all members
      long start = System.nanoTime();
      boolean done = false;
      try {
        run(members);
        done = true;
      } catch (ForwardCancelled e) {
        // every member finds out for itself
      } catch (RuntimeException | Error e) {
        LOG.log(Level.DEBUG, "a shared forward pass failed; its sessions pass one by one", e);
      } finally {
        end(members, done, System.nanoTime() - start);
      }
      members = awaitTurn(session);
    }
    return hasPassed(session);
  }

  private void run(List<Session> members) {
    int threads = 1;
    List<Segment> segments = new ArrayList<>(members.size());
    for (Session member : members) {
      threads = Math.max(threads, member.passes().threads());
      segments.add(member.passes().segment());
    }
    forwardPass.run(segments, threads, () -> areCancelled(members));
  }

  /// Asked before each layer.
  private static boolean areCancelled(List<Session> members) {
    for (int i = 0; i < members.size(); i++) {
      if (!members.get(i).occupation().isMarkedCancelled()) {
        return false;
      }
    }
    return true;
  }

  private synchronized void enqueue(Session session) {
    away.remove(session);
    waiting.add(session); // who waits for it need not wake: it does the pass itself if it is time
  }

  /// Waits until a session has passed, or until it is its thread's turn to do a pass.
  ///
  /// @return the members of that pass; empty if the session has passed, has failed to, or does not
  ///   want to any more
  private synchronized List<Session> awaitTurn(Session session) {
    boolean interrupted = false;
    try {
      while (!passed.contains(session) && !failed.contains(session)) {
        boolean queued = waiting.contains(session);
        if (queued && (interrupted || session.occupation().isCancelled())) {
          waiting.remove(session);
          failed.add(session);
          notifyAll(); // whoever waited for it
          return List.of();
        }
        boolean expecting = !away.isEmpty() || !passed.isEmpty();
        long patience = expecting ? patienceEnds - System.nanoTime() : 0;
        if (!passing && queued && patience <= 0) {
          passing = true;
          return take();
        }
        long nanos = passing ? LOOK_UP_NANOS : Math.clamp(patience, 1, LOOK_UP_NANOS);
        try {
          wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      return List.of();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /// All that wait, but no more rows of long segments than one session alone may have.
  private List<Session> take() {
    List<Session> members = new ArrayList<>();
    int longRows = 0;
    for (Session session : waiting) {
      int rows = session.passes().segment().rows();
      if (rows <= Rows.SHORT_SEGMENT) {
        members.add(session);
      } else if (longRows == 0 || longRows + rows <= Batch.CHUNK) {
        members.add(session);
        longRows += rows;
      }
    }
    waiting.removeAll(members);
    return members;
  }

  private synchronized void end(List<Session> members, boolean done, long nanos) {
    passing = false;
    away.clear();
    (done ? passed : failed).addAll(members);
    for (Session member : members) {
      member.passes().sharedBy(members.size());
    }
    patienceEnds =
        System.nanoTime()
            + Math.clamp(nanos / PATIENCE, SHORTEST_PATIENCE_NANOS, LONGEST_PATIENCE_NANOS);
    notifyAll();
  }

  private synchronized boolean hasPassed(Session session) {
    failed.remove(session);
    if (passed.remove(session)) {
      away.add(session);
      return true;
    }
    return false;
  }
}
