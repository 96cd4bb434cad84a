package dev.inferno.visualizer;

import dev.inferno.EndReason;
import dev.inferno.Generation;
import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import dev.inferno.observe.StepEnd;
import dev.inferno.tokenizer.EncodeOptions;
import dev.inferno.tokenizer.Encoding;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Loads the model and does one run after the other, on a thread of its own. Between steps it can
/// be paused, slowed, stepped and stopped. Thread-safe.
final class Runner implements AutoCloseable {
  static final int MOST_QUEUED = 16;
  static final int MOST_TOP = 1000;
  static final int SLOWEST_PACE = 60_000;
  private static final int DEFAULT_TOP = 20;
  private static final int DEFAULT_MAX_TOKENS = 64;
  private static final long LOADING_EVENT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long PATIENCE_MILLIS = 10_000;

  /// A run that waits or runs.
  private record Job(Wire.Run run, int[] prompt, GenerationOptions options, long seed) {}

  private final EventLog events;
  private final KeptRuns kept;
  private final ModelSource source;
  private final SessionOptions sessionOptions;
  private final SecureRandom random = new SecureRandom();
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
  private boolean paused;
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

  Wire.ModelStatus status() {
    lock.lock();
    try {
      return status;
    } finally {
      lock.unlock();
    }
  }

  Wire.State state() {
    lock.lock();
    try {
      String run = current == null ? null : current.run().run();
      String doing = paused ? "paused" : run == null ? "idle" : "running";
      return new Wire.State(doing, run, queue.size(), pace);
    } finally {
      lock.unlock();
    }
  }

  private void publishState() {
    events.append("state", state());
  }

  /// Puts a run behind those that wait.
  ///
  /// @return its name
  /// @throws IllegalArgumentException if what it asks for is impossible
  /// @throws UnavailableException if there is no model, or too many runs wait
  String submit(Wire.Generate request) {
    Model ready = model();
    SamplerSettings settings =
        request.sampler() == null ? SamplerSettings.DEFAULTS : request.sampler();
    boolean parseSpecial = request.parseSpecial() == null || request.parseSpecial();
    int top = checked("top", request.top(), DEFAULT_TOP, 1, MOST_TOP);
    int maxTokens =
        checked("maxTokens", request.maxTokens(), DEFAULT_MAX_TOKENS, 0, Integer.MAX_VALUE);
    int newPace = checked("pace", request.pace(), -1, 0, SLOWEST_PACE);
    long seed = request.seed() == null ? random.nextLong() : seed(request.seed());
    GenerationOptions options =
        GenerationOptions.defaults().maxTokens(maxTokens).sampler(settings.sampler()).seed(seed);
    if (request.stops() != null) {
      options = options.stopAt(request.stops().toArray(String[]::new));
    }
    EncodeOptions how = EncodeOptions.prompt().withParsedSpecials(parseSpecial);
    int[] prompt = ready.tokenizer().encode(request.prompt(), how).ids();
    int context = sessionOptions.contextLength().orElse(ready.info().contextLength());
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt has no tokens");
    }
    if (prompt.length > context) {
      throw new IllegalArgumentException(
          "the prompt has %d tokens, but the context has room for %d"
              .formatted(prompt.length, context));
    }
    lock.lock();
    try {
      if (queue.size() >= MOST_QUEUED) {
        throw new UnavailableException(queue.size() + " runs wait already; stop them, or wait");
      }
      if (newPace >= 0) {
        pace = newPace;
      }
      var run =
          new Wire.Run(
              "r" + ++runs,
              false,
              orEmpty(request.group()),
              orEmpty(request.label()),
              request.prompt(),
              parseSpecial,
              maxTokens,
              Long.toString(seed),
              settings,
              top,
              ready.info(),
              context);
      queue.add(new Job(run, prompt, options, seed));
      changed.signalAll();
      publishState();
      return run.run();
    } finally {
      lock.unlock();
    }
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  static int checked(String name, @Nullable Integer value, int absent, int least, int most) {
    if (value == null) {
      return absent;
    }
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s must be %d to %d, but is %d".formatted(name, least, most, value));
    }
    return value;
  }

  static long seed(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "seed must be an integer of 64 bits in a string, but is '%s'".formatted(text), e);
    }
  }

  /// The tokens of a text, with what the model puts before it.
  ///
  /// @throws UnavailableException if there is no model
  Wire.Tokens tokenize(Wire.Tokenize request) {
    Model ready = model();
    boolean parseSpecial = request.parseSpecial() == null || request.parseSpecial();
    Encoding encoding =
        ready
            .tokenizer()
            .encode(request.text(), EncodeOptions.prompt().withParsedSpecials(parseSpecial));
    Vocabulary vocabulary = Vocabulary.of(ready.tokenizer());
    List<Wire.PlacedToken> tokens = new ArrayList<>();
    for (int i = 0; i < encoding.size(); i++) {
      Wire.Token token = vocabulary.token(encoding.id(i));
      tokens.add(
          new Wire.PlacedToken(
              token.id(),
              token.piece(),
              token.text(),
              token.bytes(),
              token.special(),
              encoding.byteStart(i),
              encoding.byteEnd(i),
              encoding.charStart(i),
              encoding.charEnd(i)));
    }
    return new Wire.Tokens(tokens);
  }

  private Model model() {
    lock.lock();
    try {
      if (model == null || closed) {
        throw new UnavailableException(
            status.status().equals("failed")
                ? "the model could not be loaded: " + status.message()
                : "the model " + source.name() + " is still loading");
      }
      return model;
    } finally {
      lock.unlock();
    }
  }

  /// Halts before the next step.
  void pause() {
    change(() -> paused = true);
  }

  /// Goes on.
  void resume() {
    change(() -> {
      paused = false;
      stepsGranted = 0;
    });
  }

  /// Does one more step and halts.
  void step() {
    change(() -> {
      paused = true;
      stepsGranted++;
    });
  }

  /// Each step takes at least so long, from now on.
  void pace(int millis) {
    checked("millis", millis, 0, 0, SLOWEST_PACE);
    change(() -> pace = millis);
  }

  /// Ends the current run and forgets those that wait.
  void stop() {
    change(() -> {
      queue.clear();
      stopped = true;
      paused = false;
      stepsGranted = 0;
      if (session != null) {
        session.cancel();
      }
    });
  }

  private void change(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
      publishState();
    } finally {
      lock.unlock();
    }
  }

  private void work() {
    try (Model loaded = load()) {
      while (true) {
        run(loaded, next());
      }
    } catch (InterruptedException e) {
      // Closed.
    } catch (Exception | OutOfMemoryError e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      publish(new Wire.ModelStatus("failed", source.name(), null, null, message, null));
    }
  }

  private Model load() throws Exception {
    publish(status());
    var last = new long[] {System.nanoTime()};
    Model loaded =
        source
            .loader()
            .load((bytes, total) -> {
              long now = System.nanoTime();
              if (now - last[0] >= LOADING_EVENT_NANOS) {
                last[0] = now;
                publish(new Wire.ModelStatus("loading", source.name(), bytes, total, null, null));
              }
            });
    lock.lock();
    try {
      model = loaded;
      publish(new Wire.ModelStatus("ready", source.name(), null, null, null, loaded.info()));
    } finally {
      lock.unlock();
    }
    return loaded;
  }

  private void publish(Wire.ModelStatus status) {
    lock.lock();
    try {
      this.status = status;
      events.append("model", status);
    } finally {
      lock.unlock();
    }
  }

  private Job next() throws InterruptedException {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        changed.await();
      }
      if (closed) {
        throw new InterruptedException();
      }
      return queue.remove();
    } finally {
      lock.unlock();
    }
  }

  private void run(Model model, Job job) {
    String id = job.run().run();
    var keptRun = new KeptRun(job.run(), Vocabulary.of(model.tokenizer()));
    try (Session own = model.newSession(sessionOptions)) {
      begin(job, own);
      kept.add(keptRun);
      events.append("run", job.run());
      var pacer = new Pacer();
      own.addListener(
          new Capture(keptRun, kept, events, job.seed(), job.prompt().length, pacer::afterStep));
      Generation done = own.generate(job.prompt(), job.options());
      events.append("run-end", end(id, done, pacer.stopped));
    } catch (RuntimeException | OutOfMemoryError e) {
      String message = e.getMessage() == null ? e.toString() : e.getMessage();
      events.append(
          "run-end", new Wire.RunEnd(id, "failed", message, job.prompt().length, 0, 0, 0));
    } finally {
      finish();
    }
  }

  private static Wire.RunEnd end(String id, Generation done, boolean stopped) {
    EndReason reason = stopped ? EndReason.CANCELLED : done.end();
    return new Wire.RunEnd(
        id,
        reason.name().toLowerCase(Locale.ROOT),
        null,
        done.promptIds().size(),
        done.ids().size(),
        done.prefillNanos(),
        done.decodeNanos());
  }

  private void begin(Job job, Session own) {
    change(() -> {
      current = job;
      session = own;
      stopped = closed;
    });
  }

  private void finish() {
    change(() -> {
      current = null;
      session = null;
      stepsGranted = 0;
      paused = false;
    });
  }

  /// Holds a run between its steps, as long as somebody wants it.
  private final class Pacer {
    private long last = System.nanoTime();
    private boolean stopped;

    void afterStep(StepEnd step) {
      lock.lock();
      try {
        while (!Runner.this.stopped && !closed) {
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
        stopped = Runner.this.stopped || closed;
      } catch (InterruptedException e) {
        stopped = true;
      } finally {
        lock.unlock();
      }
      if (stopped) {
        step.stop();
      }
      last = System.nanoTime();
    }
  }

  /// Ends what runs and frees the model. A model that is still loading is freed when it is there.
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
