package dev.inferno;

import dev.inferno.internal.jfr.DecodeStepEvent;
import dev.inferno.internal.jfr.GenerationEvent;
import dev.inferno.internal.jfr.PrefillEvent;
import dev.inferno.internal.nn.ForwardCancelled;
import dev.inferno.internal.observe.Observation;
import dev.inferno.observe.CacheChange;
import dev.inferno.observe.GenerationEnd;
import dev.inferno.observe.GenerationStart;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.PromptTokens;
import dev.inferno.observe.Selection;
import dev.inferno.observe.StepEnd;
import dev.inferno.observe.TextPiece;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Choice;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.LogitStatistics;
import dev.inferno.sampler.SamplerState;
import dev.inferno.sampler.SamplingListener;
import dev.inferno.sampler.StageView;
import dev.inferno.tokenizer.SpecialText;
import dev.inferno.tokenizer.StreamDecoder;
import dev.inferno.tokenizer.Tokenizer;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One run of {@link Session#generate}: pass the prompt through the model, choose a token from the
/// logits, pass it through the model, and so on until there is a reason to end.
final class GenerationLoop {
  private final Session session;
  private final Observation observation;
  private final Optional<Tokenizer> tokenizer;
  private final String model; // its name
  private final int[] prompt;
  private final GenerationOptions options;
  private final SamplerState sampler;
  private final TextStream text;
  private final LogitStatistics statistics = new LogitStatistics();
  private final double[] sums = new double[4];
  private final Stages stages = new Stages();
  private final Speculation speculation;

  private final List<Integer> endTokens; // those that the tokenizer may not know of
  private final List<Integer> ids = new ArrayList<>();
  private int step;
  private boolean stopped; // by a listener
  private long prefillNanos;
  private long decodeNanos;
  private int decodeSteps;

  /// @param withinText whether the prompt ends in the middle of a text that is gone on with
  GenerationLoop(
      Session session,
      int[] prompt,
      GenerationOptions options,
      Consumer<String> onText,
      boolean withinText) {
    this.session = session;
    this.observation = session.observation();
    this.tokenizer = session.model().vocabulary();
    this.endTokens = session.model().generationDefaults().endTokens();
    this.model = session.model().info().name();
    this.prompt = prompt;
    this.options = options;
    this.sampler = options.sampler().start(options.seed().orElseGet(new SecureRandom()::nextLong));
    this.speculation = new Speculation(session, options.speculation());
    this.text =
        new TextStream(
            tokenizer.map(known -> decoder(known, withinText)),
            options.stops(),
            piece -> emit(piece, onText));
  }

  /// Turns what is generated into text. Within a text it has seen the token before, so that it
  /// takes no blank for one that a model puts before every text.
  private StreamDecoder decoder(Tokenizer known, boolean withinText) {
    StreamDecoder decoder = known.newStreamDecoder(SpecialText.SHOWN);
    if (withinText) {
      int[] before = prompt.length > 0 ? prompt : session.tokens();
      var _ = decoder.append(before[before.length - 1]);
      var _ = decoder.flush();
    }
    return decoder;
  }

  /// Checks what only the session knows, before anything is done.
  ///
  /// @throws IllegalArgumentException if the context cannot be shifted as the options ask, or a
  ///   plan's budget would not do
  void requirePossible() {
    observation.beginRun(session.run(prompt.length, options));
  }

  /// To be called once, after {@link #requirePossible}.
  Generation run() {
    try {
      return generate();
    } finally {
      speculation.drop();
      observation.endRun();
    }
  }

  private Generation generate() {
    GenerationEvent event = GenerationEvent.start();
    int position = session.length();
    session.restartSteps();
    observation.beginStep(0);
    EndReason reason;
    try {
      announce(position);
      sampler.acceptPrompt(session.tokens());
      for (int id : prompt) {
        session.add(id, false);
      }
      sampler.acceptPrompt(prompt);
      sampler.reserve(Math.min(options.maxTokens(), session.contextLength() - session.length()));
      reason = loop();
      speculation.finish();
      text.finish();
    } catch (ForwardCancelled e) {
      reason = EndReason.CANCELLED;
      speculation.finish();
      text.finish();
    } catch (RuntimeException | Error e) {
      record(event, "FAILED");
      try {
        announceEnd(Optional.empty(), Optional.of(e));
      } catch (ListenerException another) {
        e.addSuppressed(another);
      }
      throw e;
    }
    record(event, reason.name());
    announceEnd(Optional.of(reason), Optional.empty());
    return new Generation(
        Arrays.stream(prompt).boxed().toList(),
        ids,
        text.text(),
        reason,
        sampler.seed(),
        prefillNanos,
        decodeNanos,
        decodeSteps,
        speculation.draftedInAll(),
        speculation.acceptedInAll());
  }

  private EndReason loop() {
    while (true) {
      if (session.occupation().isCancelled()) {
        return EndReason.CANCELLED;
      }
      DecodeStepEvent event = DecodeStepEvent.start();
      step = session.beginStep();
      if (step > 0 && observation.hasConditions()) {
        recallChoice();
      }
      int first = session.cachedPositions();
      int rows = session.length() - first;
      if (step == 0 && first > 0) {
        observation.cacheChanged(CacheChange.Kind.REUSE, 0, first, 0);
      }
      long forwardNanos = step == 0 ? prefill(first, rows) : speculation.forward(step, room());
      if (step == 0) {
        prefillNanos = forwardNanos;
      } else {
        decodeSteps++;
        decodeNanos += forwardNanos;
      }
      boolean done = options.maxTokens() == 0;
      if (done || endsFull()) { // the prompt fills it
        announceStepEnd(first, rows, forwardNanos, 0);
        return done ? EndReason.LENGTH : EndReason.CONTEXT;
      }

      long start = System.nanoTime();
      if (isFull()) {
        session.shift(options.contextShift().orElseThrow());
      }
      int id = choose();
      session.add(id, true);
      boolean ended = options.endOfText() && endsText(id);
      if (!ended) {
        ids.add(id);
        if (isKnown(id)) {
          text.append(id);
        }
      }
      speculation.chosen(id);
      long samplingNanos = System.nanoTime() - start;
      decodeNanos += samplingNanos;
      if (step > 0) {
        event.finish(model, step, first, forwardNanos, samplingNanos);
      }
      announceStepEnd(first, rows, forwardNanos, samplingNanos);

      if (ended) {
        return EndReason.EOS;
      } else if (text.stopped()) {
        return EndReason.STOP;
      } else if (stopped) {
        return EndReason.LISTENER;
      } else if (ids.size() >= options.maxTokens()) {
        return EndReason.LENGTH;
      } else if (endsFull()) {
        return EndReason.CONTEXT;
      }
    }
  }

  /// How many tokens can be of use behind the one that is chosen next.
  private int room() {
    return Math.min(
        options.maxTokens() - ids.size() - 1, session.contextLength() - session.length());
  }

  private boolean isFull() {
    return session.length() >= session.contextLength();
  }

  private boolean endsFull() {
    return isFull() && options.contextShift().isEmpty();
  }

  private long prefill(int first, int rows) {
    PrefillEvent event = PrefillEvent.start();
    long nanos = session.forward();
    event.finish(model, first, rows, nanos);
    return nanos;
  }

  private void record(GenerationEvent event, String reason) {
    event.finish(model, prompt.length, ids.size(), prefillNanos, decodeNanos, decodeSteps, reason);
  }

  private boolean endsText(int id) {
    return (isKnown(id) && tokenizer.orElseThrow().isEndOfGeneration(id)) || endTokens.contains(id);
  }

  private String piece(int id) {
    return knowing(id).map(known -> known.piece(id)).orElse("");
  }

  /// The tokenizer, if it has the token.
  private Optional<Tokenizer> knowing(int id) {
    return tokenizer.filter(known -> id < known.vocabularySize());
  }

  /// Whether the tokenizer has the token: a model may have logits for more than that.
  private boolean isKnown(int id) {
    return tokenizer.isPresent() && id < tokenizer.get().vocabularySize();
  }

  /// A step's number is the index of the token that it chooses.
  private int choose() {
    measure(session.values());
    if (step < options.forced().size()) {
      return sampler.force(options.forced().get(step), statistics);
    }
    if (step < options.draws().size()) {
      return sampler.next(statistics, options.draws().get(step));
    }
    return sampler.next(statistics);
  }

  /// Sets the statistics of the logits, and who sees the choice.
  private void measure(float[] logits) {
    if (!observation.listening()) {
      sampler.unobserve();
      statistics.reset(logits);
      return;
    }
    sampler.observe(stages);
    session.model().kernels().statistics(logits, 0, logits.length, sums);
    int finite = finite(logits);
    float max = finite == 0 ? Float.NEGATIVE_INFINITY : (float) sums[0];
    statistics.provide(logits, max, finite, sums[2], sums[3]);
  }

  /// Tells interventions how unsure the model was in the step before; its logits are still there.
  private void recallChoice() {
    float[] logits = session.values();
    session.model().kernels().statistics(logits, 0, logits.length, sums);
    observation.previousChoice(sums[3], Math.exp(logits[ids.getLast()] - sums[2]));
  }

  private static int finite(float[] logits) {
    int finite = 0;
    for (float logit : logits) {
      finite += logit == Float.NEGATIVE_INFINITY ? 0 : 1;
    }
    return finite;
  }

  private void stop() {
    stopped = true;
  }

  private void emit(String piece, Consumer<String> onText) {
    onText.accept(piece);
    if (observation.listening()) {
      var event = new TextPiece(step, piece);
      observation.tell("text", listener -> listener.onText(event));
    }
  }

  private void announce(int position) {
    if (observation.listening()) {
      var start = new GenerationStart(position, options.maxTokens(), sampler.seed());
      observation.tell("generation start", listener -> listener.onGenerationStart(start));
      var tokens =
          new PromptTokens(
              position,
              Arrays.stream(prompt).boxed().toList(),
              Arrays.stream(prompt).mapToObj(this::piece).toList());
      observation.tell("prompt tokens", listener -> listener.onPromptTokens(tokens));
    }
  }

  private void announceStepEnd(int first, int rows, long forwardNanos, long samplingNanos) {
    if (observation.listening()) {
      var event =
          new StepEnd(
              step,
              first,
              rows,
              forwardNanos,
              samplingNanos,
              session.cachedPositions(),
              session.passes().sharedBy(),
              this::stop);
      observation.tell("step end", listener -> listener.onStepEnd(event));
    }
  }

  private void announceEnd(Optional<EndReason> reason, Optional<Throwable> failure) {
    if (observation.listening()) {
      var end =
          new GenerationEnd(reason, failure, prompt.length, ids.size(), prefillNanos, decodeNanos);
      observation.tellAll("generation end", listener -> listener.onGenerationEnd(end));
    }
  }

  /// Passes on what the sampler shows.
  private final class Stages implements SamplingListener {
    @Override
    public void onStage(StageView stage) {
      observation.tell("sampler stage " + stage.name(), listener -> listener.onSamplerStage(stage));
    }

    @Override
    public void onDistribution(CandidatesView distribution) {
      observation.tell("distribution", listener -> listener.onDistribution(distribution));
    }

    @Override
    public void onDraw(Draw draw) {
      observation.tell("draw", listener -> listener.onDraw(draw));
    }

    @Override
    public void onChoice(Choice choice, LogitStatistics raw) {
      float[] logits = session.values();
      float chosen = logits[choice.id()];
      int above = 0;
      for (int id = 0; id < logits.length; id++) {
        boolean tieBefore = logits[id] == chosen && id < choice.id();
        above += logits[id] > chosen || tieBefore ? 1 : 0;
      }
      var selection =
          new Selection(
              step,
              session.length(),
              choice.id(),
              piece(choice.id()),
              knowing(choice.id()).map(known -> known.decode(choice.id())).orElse(""),
              above + 1,
              choice.probability(),
              raw.logProbability(choice.id()),
              raw.entropy(),
              raw.finite() < 2
                  ? Double.POSITIVE_INFINITY
                  : raw.logit(raw.topId(0)) - raw.logit(raw.topId(1)),
              choice.isForced(),
              GenerationLoop.this::stop);
      observation.tell("selection", listener -> listener.onSelection(selection));
    }
  }
}
