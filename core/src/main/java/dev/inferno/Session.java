package dev.inferno;

import dev.inferno.internal.models.Architecture;
import dev.inferno.internal.nn.ForwardCancelled;
import dev.inferno.internal.nn.KvCache;
import dev.inferno.internal.observe.Listening;
import dev.inferno.internal.observe.Observation;
import dev.inferno.observe.Activation;
import dev.inferno.observe.CacheChange;
import dev.inferno.observe.Explanation;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ListenerErrors;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.StepListener;
import dev.inferno.observe.StepStart;
import dev.inferno.tokenizer.EncodeOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/// A text that a model continues: its tokens so far, and the KV cache that makes the next one
/// cheap.
///
/// Either {@link #generate} does everything, or the loop is in the user's hands: {@link #append},
/// {@link #logits}, {@link #rewind}, {@link #fork}. What is appended or generated later continues
/// what is there; nothing is computed twice.
///
/// For one thread at a time, except {@link #cancel}; not from its own listeners, except {@link
/// #addListener} and its like. Many sessions share one model.
public final class Session implements AutoCloseable {
  private final Model model;
  private final int contextLength;
  private final int longestMovable; // of longer texts, the length turns each position
  private final KvCache cache;
  private final Observation observation;
  private final float[] values; // the logits of the latest position
  private final Logits logits;
  private final ForwardPasses passes;

  private int[] tokens = new int[64];
  private boolean[] generated = new boolean[64];
  private int length; // of tokens; the cache may hold fewer
  private boolean logitsAreLatest;
  private int step;
  private final Occupation occupation;

  Session(Model model, SessionOptions options, int threads) {
    this(
        model,
        options.contextLength().orElse(model.info().contextLength()),
        threads,
        model.newCache(options.keyValueType()));
  }

  /// A session that holds a prefix.
  Session(Model model, SessionOptions options, int threads, Prefix prefix) {
    this(
        model,
        options.contextLength().orElse(model.info().contextLength()),
        threads,
        prefix.cache().fork());
    tokens = prefix.tokens();
    generated = new boolean[tokens.length];
    length = tokens.length;
    System.arraycopy(prefix.logits(), 0, values, 0, values.length);
    logitsAreLatest = true;
  }

  private Session(Model model, int contextLength, int threads, KvCache cache) {
    this.model = model;
    this.contextLength = contextLength;
    this.longestMovable = model.architecture().longestMovable(model.info().layers());
    this.cache = cache;
    this.observation = new Observation(model.anatomy(), contextLength);
    this.values = new float[model.info().vocabulary()];
    this.logits = new Logits(values, model.kernels());
    this.occupation = new Occupation(model::closing);
    this.passes = new ForwardPasses(this, threads, cache, observation, values);
  }

  /// The model it belongs to.
  public Model model() {
    return model;
  }

  /// How many tokens it holds.
  public int length() {
    return length;
  }

  /// How many tokens it has room for.
  public int contextLength() {
    return contextLength;
  }

  /// The tokens it holds, a fresh copy.
  public int[] tokens() {
    return Arrays.copyOf(tokens, length);
  }

  /// The bytes of its KV cache, pages shared with forks included.
  public long cacheBytes() {
    return cache.bytes();
  }

  /// Its KV cache, to look into and to change.
  public KeyValueCache cache() {
    return new KeyValueCache(this, cache);
  }

  /// Continues the text by a prompt and then by what the model generates.
  ///
  /// @throws IllegalArgumentException if the prompt has no tokens or does not fit in the context,
  ///   or the options force a token that is not in the vocabulary, or more than `maxTokens`
  public Generation generate(String prompt, GenerationOptions options) {
    return generate(prompt, options, _ -> {});
  }

  /// The same, giving each piece of text as soon as it is certain.
  public Generation generate(String prompt, GenerationOptions options, Consumer<String> onText) {
    return generate(encode(prompt, options), options, onText);
  }

  /// Continues the text by these tokens as they are, and then by what the model generates.
  ///
  /// @throws IllegalArgumentException if there are no tokens, one of them or of those that the
  ///   options force is not in the vocabulary, they do not fit in the context, or more are forced
  ///   than `maxTokens`
  public Generation generate(int[] prompt, GenerationOptions options) {
    return generate(prompt, options, _ -> {});
  }

  /// The same, giving each piece of text as soon as it is certain.
  public Generation generate(int[] prompt, GenerationOptions options, Consumer<String> onText) {
    return generate(prompt, options, onText, false);
  }

  /// The same, where the prompt may end in the middle of a text that is gone on with.
  Generation generate(
      int[] prompt, GenerationOptions options, Consumer<String> onText, boolean withinText) {
    requireGenerable(prompt, options);
    model.enter(this);
    try {
      var loop = new GenerationLoop(this, prompt.clone(), options, onText, withinText);
      loop.requirePossible();
      return loop.run();
    } finally {
      model.exit(this);
    }
  }

  /// Checks the arguments of a generation, and that the model's file is whole.
  void requireGenerable(int[] prompt, GenerationOptions options) {
    requireRoom(prompt);
    if (length + prompt.length == 0) {
      throw new IllegalArgumentException("the prompt has no tokens, and the session holds none");
    }
    if (!options.stops().isEmpty()) {
      model.requireText();
    }
    requireForcible(options);
    model.requireWhole();
  }

  /// The tokens of a prompt; what the model puts before a text comes only where the text begins.
  int[] encode(String prompt, GenerationOptions options) {
    EncodeOptions how = new EncodeOptions(options.parseSpecial(), length == 0, false);
    return model.tokenizer().encode(prompt, how).ids();
  }

  /// Appends tokens and passes them through the model.
  ///
  /// @throws IllegalArgumentException if one is not in the vocabulary, or they do not fit in the
  ///   context
  /// @throws CancellationException if it was cancelled; the session is as it was before
  public void append(int... ids) {
    requireRoom(ids);
    if (ids.length == 0) {
      return;
    }
    model.requireWhole();
    int before = length;
    model.enter(this);
    requireBudgets(ids.length);
    for (int id : ids) {
      add(id, false);
    }
    passOrCut(before);
  }

  /// Appends a token and passes it through the model; allocates nothing while it stays in a page of
  /// the cache.
  ///
  /// @throws IllegalArgumentException if it is not in the vocabulary, or does not fit in the
  ///   context
  /// @throws CancellationException if it was cancelled; the session is as it was before
  public void append(int id) {
    requireInVocabulary(id);
    requireRoom(1);
    if (length % KvCache.PAGE == 0) {
      model.requireWhole();
    }
    int before = length;
    model.enter(this);
    requireBudgets(1);
    add(id, false);
    passOrCut(before);
  }

  /// Checks that no listener gets more of an append than its plan's budget.
  private void requireBudgets(int tokens) {
    if (!observation.hasBudgets()) {
      return;
    }
    boolean done = false;
    try {
      int first = firstToPass(tokens);
      observation.beginRun(new Observation.Run(first, length + tokens - first, 0, 0));
      done = true;
    } finally {
      observation.endRun();
      if (!done) {
        model.exit(this);
      }
    }
  }

  /// The position from which on tokens pass through the model when some are added: that of the last
  /// one, if none are and its logits are gone; that of the first one, if they make the text so long
  /// that all its positions are turned otherwise.
  int firstToPass(int added) {
    if (isLong(length + added) != cache.isLongText()) {
      return 0;
    }
    boolean again = added == 0 && !logitsAreLatest && cache.length() == length;
    return again ? Math.max(0, length - 1) : cache.length();
  }

  /// Passes what was added through the model, or takes it back.
  private void passOrCut(int before) {
    boolean done = false;
    try {
      step();
      done = true;
    } catch (ForwardCancelled e) {
      cutAndTell(before); // chunks before the one that was given up
      throw new CancellationException("append was cancelled");
    } catch (ListenerException e) {
      try {
        cutAndTell(before);
      } catch (ListenerException another) {
        e.addSuppressed(another);
      }
      throw e;
    } finally {
      if (!done) {
        cut(before);
      }
      model.exit(this);
    }
  }

  /// A step outside a generation.
  private void step() {
    int number = beginStep();
    int first = cache.length();
    long nanos = forward();
    if (observation.listening()) {
      observation.tell(
          "step end",
          listener ->
              listener.onStepEnd(
                  new StepEnd(
                      number,
                      first,
                      length - first,
                      nanos,
                      0,
                      cache.length(),
                      passes.sharedBy(),
                      () -> {})));
    }
  }

  /// The logits behind the last token: what comes next.
  ///
  /// @throws IllegalStateException if the session holds no token
  /// @throws CancellationException if they had to be computed and that was cancelled
  public Logits logits() {
    requireIdle();
    if (!logitsAreLatest) {
      if (length == 0) {
        throw new IllegalStateException("the session holds no token; append one first");
      }
      model.enter(this);
      try {
        step();
      } catch (ForwardCancelled e) {
        throw new CancellationException("the computation of logits was cancelled");
      } finally {
        model.exit(this);
      }
    }
    return logits;
  }

  /// Takes back the last n tokens. Where the model turns positions by the length of the text, and
  /// what is left was turned by that of a longer one, all of it passes through the model again.
  ///
  /// @throws IllegalArgumentException if it holds fewer
  public void rewind(int n) {
    if (n < 0 || n > length) {
      throw new IllegalArgumentException(
          "cannot take back %d tokens; the session holds %d".formatted(n, length));
    }
    requireIdle();
    if (n > 0) {
      cutAndTell(length - n);
    }
  }

  private void cutAndTell(int length) {
    int cached = cache.length();
    cut(length);
    if (cache.length() < cached) {
      observation.cacheDropped(cache.length(), cached - cache.length(), 0);
    }
  }

  /// Keeps the first tokens only, and what the cache holds of them. The last of them is passed
  /// through the model again if its logits are needed, see {@link #beginStep}.
  private void cut(int length) {
    this.length = length;
    cache.truncate(Math.min(cache.length(), length));
    forgetOutgrown();
    logitsAreLatest = false;
  }

  /// Forgets what the cache holds if the length of a text that is no more turned its keys.
  private void forgetOutgrown() {
    if (cache.turnedFor() > Math.max(length, longestMovable)) {
      cache.truncate(0);
    }
  }

  /// Why what the cache holds cannot move to other positions; empty if it can.
  Optional<String> immovable() {
    Architecture architecture = model.architecture();
    if (architecture.positions() < Integer.MAX_VALUE) {
      return Optional.of("has learned embeddings of positions");
    }
    if (contextLength > longestMovable) {
      return Optional.of(
          "turns each position by the length of the text in contexts of more than "
              + longestMovable);
    }
    return Optional.empty();
  }

  /// Checks that a context shift is possible.
  ///
  /// @throws IllegalArgumentException if it is not
  void requireShift(int keepFirst) {
    Optional<String> immovable = immovable();
    if (immovable.isPresent()) {
      throw new IllegalArgumentException(
          "contextShift is impossible: the model '%s' %s, so what its cache holds cannot move"
              .formatted(model.info().name(), immovable.get()));
    }
    if (keepFirst >= contextLength - 1) {
      throw new IllegalArgumentException(
          "contextShift must keep fewer than %d first positions in a context of %d, but keeps %d"
              .formatted(contextLength - 1, contextLength, keepFirst));
    }
  }

  /// Makes room: forgets the older half of what stands behind the first positions. All tokens have
  /// passed through the model.
  void shift(int keepFirst) {
    int end = keepFirst + (length - keepFirst) / 2;
    int moved = length - end;
    forget(keepFirst, end);
    observation.cacheChanged(CacheChange.Kind.SHIFT, keepFirst, end - keepFirst, moved);
  }

  /// The same for any positions, between two steps.
  void drop(int first, int end) {
    int moved = cache.length() - end;
    forget(first, end);
    observation.cacheDropped(first, end - first, moved);
    int cached = cache.length();
    forgetOutgrown();
    if (cache.length() < cached) {
      observation.cacheDropped(0, cached, 0);
    }
  }

  /// Forgets cached positions and their tokens; all that is behind them moves down.
  void forget(int first, int end) {
    cache.drop(first, end, model.architecture()::rope, model.architecture().heads().keySize());
    System.arraycopy(tokens, end, tokens, first, length - end);
    System.arraycopy(generated, end, generated, first, length - end);
    length -= end - first;
    logitsAreLatest = false;
  }

  /// The cache was edited: the logits are not those that it gives.
  void outdateLogits() {
    logitsAreLatest = false;
  }

  /// Another session with the same past and a future of its own; the KV cache is shared, not
  /// copied. Listeners and interventions stay with this one.
  public Session fork() {
    requireIdle();
    var fork = new Session(model, contextLength, passes.threads(), cache.fork());
    fork.tokens = tokens.clone();
    fork.generated = generated.clone();
    fork.length = length;
    fork.step = step;
    fork.logitsAreLatest = logitsAreLatest;
    System.arraycopy(values, 0, fork.values, 0, values.length);
    return fork;
  }

  /// What it holds, for other sessions to begin with: tokens, KV cache and logits. The cache is
  /// shared, not copied. In a session that begins with it all tokens count as given. If the logits
  /// of the last token are not known, it passes through the model.
  ///
  /// @throws IllegalStateException if the session holds no token
  /// @throws CancellationException if logits had to be computed and that was cancelled
  public Prefix prefix() {
    logits();
    return new Prefix(model, tokens(), cache.fork(), values.clone());
  }

  /// Registers a listener. Its plan is checked now, during a generation its budget too; it acts
  /// from the next step on.
  ///
  /// @return removes it when closed
  /// @throws IllegalArgumentException if its plan asks for what is impossible, or for more than its
  ///   budget
  public Registration addListener(StepListener listener) {
    return addListener(listener, ListenerErrors.END_GENERATION);
  }

  /// The same, saying what happens if the listener throws.
  ///
  /// @return removes it when closed, and says what it threw if it was detached
  /// @throws IllegalArgumentException if its plan asks for what is impossible, or for more than its
  ///   budget
  public Registration addListener(StepListener listener, ListenerErrors errors) {
    Listening listening = observation.add(listener, errors);
    listener.cancellation(occupation::isMarkedCancelled);
    return new Registration() {
      @Override
      public void close() {
        observation.remove(listening);
      }

      @Override
      public Optional<ListenerException> failure() {
        return listening.failure();
      }
    };
  }

  /// Watches one point.
  ///
  /// @return ends it when closed
  /// @throws IllegalArgumentException if the point is impossible
  public Registration observe(Point point, Consumer<Activation> consumer) {
    return addListener(new PointListener(point, consumer));
  }

  /// What a plan would cost in a generation of this session, with what its cache holds, a context
  /// shift if the options ask for one, and its interventions.
  ///
  /// @param promptLength how many tokens are given, at least 0
  /// @throws IllegalArgumentException if there are more than there is room for, or the context
  ///   cannot be shifted as the options ask
  public Explanation explain(ObservationPlan plan, int promptLength, GenerationOptions options) {
    if (promptLength < 0) {
      throw new IllegalArgumentException("promptLength must be at least 0, but is " + promptLength);
    }
    requireRoom(promptLength);
    Explanation explanation = observation.explain(plan, run(promptLength, options));
    boolean rests = !plan.points().isEmpty() || observation.changesPoints();
    if (options.speculation() == 0 || !rests) {
      return explanation;
    }
    List<String> notes = new ArrayList<>(explanation.notes());
    notes.add("speculation rests while points are watched or changed: tokens pass one by one");
    return explanation.notes(notes);
  }

  /// What a generation passes through the model.
  ///
  /// @throws IllegalArgumentException if the context cannot be shifted as the options ask
  Observation.Run run(int promptLength, GenerationOptions options) {
    int end = length + promptLength;
    int room = contextLength - end;
    int dropped = 0;
    if (options.contextShift().isPresent()) {
      int keepFirst = options.contextShift().getAsInt();
      requireShift(keepFirst);
      room = Integer.MAX_VALUE - contextLength;
      dropped = (contextLength - keepFirst) / 2;
    }
    int first = firstToPass(promptLength);
    return new Observation.Run(first, end - first, Math.min(options.maxTokens(), room), dropped);
  }

  /// Changes the computation from the next step on. What the cache holds already stays as it is.
  ///
  /// @return ends it when closed
  /// @throws IllegalArgumentException if it does not fit the model
  public Registration intervene(Intervention intervention) {
    return observation.add(intervention)::run;
  }

  /// Something that was registered. Closing it twice does nothing.
  @FunctionalInterface
  public interface Registration extends AutoCloseable {
    /// Takes it back.
    @Override
    void close();

    /// What a listener threw, if it was detached for that (see {@link ListenerErrors#ISOLATE}): it
    /// has not seen what came after. From any thread.
    default Optional<ListenerException> failure() {
      return Optional.empty();
    }
  }

  /// Ends a running {@link #generate} or {@link #append} soon; without one it does nothing. From
  /// any thread.
  public void cancel() {
    occupation.cancel();
  }

  /// Who works with it.
  Occupation occupation() {
    return occupation;
  }

  /// How its tokens pass through the model.
  ForwardPasses passes() {
    return passes;
  }

  Observation observation() {
    return observation;
  }

  float[] values() {
    return values;
  }

  int cachedPositions() {
    return cache.length();
  }

  void restartSteps() {
    step = 0;
  }

  /// A step begins: listeners and interventions are settled, listeners hear of it.
  ///
  /// @return its number
  int beginStep() {
    int number = step++;
    observation.beginStep(number);
    int cached = cache.length();
    cache.longText(isLong(length));
    if (cache.length() < cached) {
      observation.cacheDropped(0, cached, 0);
    }
    if (!logitsAreLatest && length > 0 && cache.length() == length) {
      cache.truncate(length - 1); // its logits are gone: it passes through the model again
    }
    if (observation.listening()) {
      var event = new StepStart(number, cache.length(), length - cache.length());
      observation.tell("step start", listener -> listener.onStepStart(event));
    }
    return number;
  }

  private boolean isLong(int length) {
    return length > model.architecture().shortText();
  }

  /// How many tokens can be added before all positions are turned otherwise.
  int roomAsItIs() {
    return isLong(length) ? Integer.MAX_VALUE : model.architecture().shortText() - length;
  }

  /// Adds a token, which passes through the model in the next {@link #forward}.
  void add(int id, boolean isGenerated) {
    if (length == tokens.length) {
      int room = (int) Math.min(contextLength, 2L * length);
      tokens = Arrays.copyOf(tokens, room);
      generated = Arrays.copyOf(generated, room);
    }
    tokens[length] = id;
    generated[length++] = isGenerated;
    logitsAreLatest = false;
  }

  /// Passes all tokens that the cache does not hold through the model.
  ///
  /// @return how many nanoseconds it took
  long forward() {
    long start = System.nanoTime();
    passes.forward(tokens, generated, length);
    logitsAreLatest = true;
    return System.nanoTime() - start;
  }

  /// The tokens that are expected behind the last one, see {@link PromptLookup#draft}.
  int expect(int shortest, int most, int[] draft) {
    return PromptLookup.draft(tokens, length, shortest, most, draft);
  }

  /// Passes the last token, the only one that the cache does not hold, through the model with those
  /// that are expected behind it.
  ///
  /// @param logits receives those of each row, `[1 + drafted, vocabulary]`
  /// @return how many nanoseconds it took
  long forwardAhead(int[] draft, int drafted, float[] logits) {
    long start = System.nanoTime();
    passes.forwardAhead(tokens[length - 1], draft, drafted, logits);
    take(logits, 0);
    return System.nanoTime() - start;
  }

  /// The last token has passed through the model, ahead: it is in the cache, and these are its
  /// logits.
  ///
  /// @param at where in the array they begin
  void take(float[] logits, int at) {
    passes.complete(1);
    System.arraycopy(logits, at, values, 0, values.length);
    logitsAreLatest = true;
  }

  private void requireRoom(int[] ids) {
    for (int id : ids) {
      requireInVocabulary(id);
    }
    requireRoom(ids.length);
  }

  private void requireForcible(GenerationOptions options) {
    options.forced().forEach(this::requireInVocabulary);
    if (options.forced().size() > options.maxTokens()) {
      throw new IllegalArgumentException(
          "%d tokens are forced, but at most %d are to be generated"
              .formatted(options.forced().size(), options.maxTokens()));
    }
  }

  private void requireInVocabulary(int id) {
    if (id < 0 || id >= values.length) {
      throw new IllegalArgumentException(
          "token id %d is not in the vocabulary, which has the ids 0 to %d"
              .formatted(id, values.length - 1));
    }
  }

  private void requireRoom(int count) {
    if (count > contextLength - length) {
      throw new IllegalArgumentException(
          "%d more tokens do not fit: the context has room for %d, of which %d are taken"
              .formatted(count, contextLength, length));
    }
  }

  void requireIdle() {
    occupation.requireIdle();
  }

  /// Frees the KV cache. Called again it does nothing.
  ///
  /// @throws IllegalStateException if the session is at work
  @Override
  public void close() {
    if (occupation.close()) {
      cache.truncate(0);
    }
  }
}
