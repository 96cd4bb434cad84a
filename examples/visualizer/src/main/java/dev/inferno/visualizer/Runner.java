package dev.inferno.visualizer;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.util.ArrayDeque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Loads the model and does one run after the other, on a thread of its own. Between steps it can
/// be paused, slowed, stepped and stopped. Thread-safe.
final class Runner implements AutoCloseable {
  static final int MOST_QUEUED = 16;
  static final int SLOWEST_PACE = 60_000;
  private static final long LOADING_EVENT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long PATIENCE_MILLIS = 10_000;

  private final EventLog events;
  private final KeptRuns kept;
  private final ModelSource source;
  private final SessionOptions sessionOptions;
  private final Thread thread = new Thread(this::work, "inferno-visualizer-runs");

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  // All below is guarded by the lock.
  private final ArrayDeque<Job> queue = new ArrayDeque<>();
  private Wire.ModelStatus status;
  private @Nullable Model model;
  private @Nullable Job current;
  private @Nullable Session session;
  private int runs;
  private boolean paused; // only while there is a current run, or one waits
  private int stepsGranted; // while paused
  private int pace;
  private boolean stopped; // the current run
  private boolean closed;

  Runner(EventLog events, KeptRuns kept, ModelSource source, SessionOptions sessionOptions) {
    this.events = events;
    this.kept = kept;
    this.source = source;
    this.sessionOptions = sessionOptions;
    this.status = new Wire.ModelStatus("loading", source.name(), 0L, null, null, null);
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  Wire.State state() {
    lock.lock();
    try {
      String run = current == null ? null : current.run().run();
      String doing = paused ? "paused" : hasRun() ? "running" : "idle";
      return new Wire.State(doing, run, queue.size(), pace);
    } finally {
      lock.unlock();
    }
  }

  Wire.StateAndModel stateAndModel() {
    lock.lock();
    try {
      return new Wire.StateAndModel(state(), status);
    } finally {
      lock.unlock();
    }
  }

  /// Puts a run behind those that wait.
  ///
  /// @return its name
  /// @throws BadRequestException if what it asks for is impossible
  /// @throws UnavailableException if there is no model, or too many runs wait
  String submit(Wire.Generate request) {
    Model ready = model();
    int context = sessionOptions.contextLength().orElse(ready.info().contextLength());
    int newPace = Job.checked("pace", request.pace(), -1, 0, SLOWEST_PACE);
    String name = nextName();
    Job job = Job.of(name, request, ready, context);
    change(() -> {
      requireModel();
      if (queue.size() >= MOST_QUEUED) {
        throw new UnavailableException(queue.size() + " runs wait already; stop them, or wait");
      }
      if (newPace >= 0) {
        pace = newPace;
      }
      queue.add(job);
    });
    return name;
  }

  private String nextName() {
    lock.lock();
    try {
      return "r" + ++runs;
    } finally {
      lock.unlock();
    }
  }

  /// The tokens of a text.
  ///
  /// @throws UnavailableException if there is no model
  Wire.Tokens tokenize(Wire.Tokenize request) {
    return Vocabulary.tokens(model().tokenizer(), request);
  }

  private Model model() {
    lock.lock();
    try {
      return requireModel();
    } finally {
      lock.unlock();
    }
  }

  private Model requireModel() {
    if (model == null || closed) {
      throw new UnavailableException(
          status.status().equals("failed")
              ? "there is no model: " + status.message()
              : "the model %s is still loading".formatted(source.name()));
    }
    return model;
  }

  /// Halts before the next step. Without a run there is nothing to halt.
  void pause() {
    change(() -> {
      paused = hasRun();
      stepsGranted = 0;
    });
  }

  /// Goes on.
  void resume() {
    change(() -> {
      paused = false;
      stepsGranted = 0;
    });
  }

  /// Does one more step and halts. Without a run there is none to do.
  void step() {
    change(() -> {
      paused = hasRun();
      stepsGranted += paused ? 1 : 0;
    });
  }

  /// Each step takes at least so long, from now on.
  ///
  /// @throws BadRequestException if that is out of range
  void pace(int millis) {
    Job.checked("millis", millis, 0, 0, SLOWEST_PACE);
    change(() -> pace = millis);
  }

  /// Ends the current run, and those that wait before they began.
  void stop() {
    change(() -> {
      endQueued("cancelled", null);
      stopped = true;
      paused = false;
      stepsGranted = 0;
      if (session != null) {
        session.cancel();
      }
    });
  }

  private boolean hasRun() {
    return current != null || !queue.isEmpty();
  }

  private void endQueued(String reason, @Nullable String message) {
    for (Job job : queue) {
      events.append("run-end", Capture.unbegun(job, reason, message));
    }
    queue.clear();
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
      events.append("state", state());
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try (Model loaded = load()) {
      for (Job job = next(); job != null; job = next()) {
        run(loaded, job);
      }
    } catch (Exception | Error e) {
      giveUp(e);
    }
  }

  /// Without a model nothing runs any more.
  private void giveUp(Throwable failure) {
    String message = Capture.message(failure);
    publish(new Wire.ModelStatus("failed", source.name(), null, null, message, null), null);
    change(() -> endQueued("failed", message));
  }

  private Model load() throws Exception {
    publish(stateAndModel().model(), null);
    var last = new long[] {System.nanoTime()};
    Model loaded =
        source
            .loader()
            .load((bytes, total) -> {
              requireOpen();
              long now = System.nanoTime();
              if (now - last[0] >= LOADING_EVENT_NANOS) {
                last[0] = now;
                publish(
                    new Wire.ModelStatus("loading", source.name(), bytes, total, null, null), null);
              }
            });
    publish(new Wire.ModelStatus("ready", source.name(), null, null, null, loaded.info()), loaded);
    return loaded;
  }

  /// Ends the loading of a model that nobody waits for.
  private void requireOpen() {
    lock.lock();
    try {
      if (closed) {
        throw new CancellationException("closed while the model was loading");
      }
    } finally {
      lock.unlock();
    }
  }

  private void publish(Wire.ModelStatus status, @Nullable Model model) {
    lock.lock();
    try {
      this.status = status;
      this.model = model;
      events.append("model", status);
    } finally {
      lock.unlock();
    }
  }

  /// Waits for a run, and makes it the current one.
  ///
  /// @return null if there will be none any more
  private @Nullable Job next() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        return null;
      }
      change(() -> {
        current = queue.remove();
        stopped = false;
      });
      return current;
    } finally {
      lock.unlock();
    }
  }

  private void run(Model model, Job job) {
    Thread.interrupted(); // one that met no run must not cancel the next
    var keptRun = new KeptRun(job.run(), Vocabulary.of(model.tokenizer()));
    kept.add(keptRun);
    events.append("run", job.run());
    var capture = new Capture(keptRun, kept, events, job, new Pacer()::beforeStep);
    try (Session own = model.newSession(sessionOptions)) {
      change(() -> session = own);
      own.addListener(capture);
      own.generate(job.prompt(), job.options());
    } catch (RuntimeException | Error e) {
      capture.failed(e);
    } finally {
      change(() -> {
        current = null;
        session = null;
        if (queue.isEmpty()) {
          paused = false;
          stepsGranted = 0;
        }
      });
    }
  }

  /// Holds a run before its steps, as long as somebody wants it.
  private final class Pacer {
    private long last = System.nanoTime() - TimeUnit.MILLISECONDS.toNanos(SLOWEST_PACE);

    void beforeStep() {
      lock.lock();
      try {
        while (!stopped && !closed) {
          long left = last + TimeUnit.MILLISECONDS.toNanos(pace) - System.nanoTime();
          if (paused && stepsGranted == 0) {
            changed.await();
          } else if (!paused && left > 0) {
            changed.awaitNanos(left);
          } else {
            break;
          }
        }
        stepsGranted = Math.max(0, stepsGranted - 1);
        if ((stopped || closed) && session != null) {
          session.cancel(); // again: what came before the generation began was in vain
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // which cancels the generation
      } finally {
        lock.unlock();
      }
      last = System.nanoTime();
    }
  }

  /// Ends what runs and frees the model; a model that is still loading is freed when it is there.
  /// Called again it does nothing.
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      queue.clear();
      if (session != null) {
        session.cancel();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      thread.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// What was asked for is not possible now.
  static final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnavailableException(String message) {
      super(message);
    }
  }
}
