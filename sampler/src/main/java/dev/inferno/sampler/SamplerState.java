package dev.inferno.sampler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Chooses tokens one after the other by the recipe of a {@link Sampler}: the recipe, a seed, and
/// the tokens so far. For one thread at a time.
///
/// {@link #next} is for engines: it allocates nothing once its buffers have grown (see {@link
/// #reserve}), and what it chose is read from this object. {@link #sample} is the same for
/// everybody else and returns a {@link Choice}. Both count the chosen token as generated. Logits
/// are read, never written.
///
/// Token n of the generated ones is drawn with {@link Draw} n of the seed, whatever happened
/// before: after {@link #rewind} the same logits give the same token again.
public final class SamplerState {
  private static final int INITIAL_HISTORY = 256;
  private static final int OUTSIDE = -1;

  private final Sampler sampler;
  private final long seed;
  private final History history;
  private final Candidates candidates = new Candidates();
  private final LogitStatistics ownStatistics = new LogitStatistics();
  private @Nullable SamplingListener listener;

  private final int[] entered;
  private final int[] kept;

  private LogitStatistics statistics = ownStatistics;
  private boolean hasChosen;
  private int id;
  private int rank;
  private double u;
  private double probability;
  private double logProbability;

  SamplerState(Sampler sampler, long seed) {
    this(sampler, seed, new History(INITIAL_HISTORY));
  }

  private SamplerState(Sampler sampler, long seed, History history) {
    this.sampler = sampler;
    this.seed = seed;
    this.history = history;
    this.entered = new int[sampler.stages().size()];
    this.kept = new int[entered.length];
  }

  /// The recipe.
  public Sampler sampler() {
    return sampler;
  }

  /// The seed of all draws.
  public long seed() {
    return seed;
  }

  /// The tokens so far.
  public History history() {
    return history;
  }

  /// Lets a listener see every choice from now on, in place of any before it.
  public void observe(SamplingListener listener) {
    this.listener = listener;
  }

  /// Ends observing.
  public void unobserve() {
    listener = null;
  }

  /// Adds tokens of a prompt: penalties see them, the draw does not advance.
  public void acceptPrompt(int... ids) {
    history.reserve(ids.length);
    for (int id : ids) {
      history.append(id, false);
    }
  }

  /// Adds a generated token that came from elsewhere: penalties see it and the draw advances, as if
  /// it had been chosen here.
  public void accept(int id) {
    history.append(id, true);
  }

  /// Takes back the last `count` tokens, and with them the draws of the generated ones.
  ///
  /// @throws IllegalArgumentException if there are not as many
  public void rewind(int count) {
    history.rewind(count);
  }

  /// A state with the same recipe, seed and past, and a future of its own. Nobody observes it yet.
  public SamplerState fork() {
    return new SamplerState(sampler, seed, history.copy());
  }

  /// Makes room for so many more tokens, which then are added without allocating.
  public void reserve(int tokens) {
    history.reserve(tokens);
  }

  /// Chooses the next token.
  ///
  /// @param logits one for each token of the vocabulary, minus infinity for those that are
  ///   forbidden
  /// @throws SamplingException if a logit is not a number, or no candidate is left
  public Choice sample(float[] logits) {
    next(logits);
    return choice();
  }

  /// Chooses the next token and returns its id, without allocating.
  ///
  /// @param logits as in {@link #sample}
  /// @throws SamplingException if a logit is not a number, or no candidate is left
  public int next(float[] logits) {
    ownStatistics.reset(logits);
    return next(ownStatistics);
  }

  /// As {@link #next(float[])} with the logits that these statistics are of.
  public int next(LogitStatistics logits) {
    return next(logits, Draw.u(seed, history.generated()));
  }

  /// As {@link #next(LogitStatistics)} with a random number in [0, 1) of the caller's.
  public int next(LogitStatistics logits, double u) {
    if (!(u >= 0 && u < 1)) {
      throw new IllegalArgumentException("u must be at least 0 and below 1, but is " + u);
    }
    applyStages(logits);
    int drawn = candidates.draw(u);
    long key = candidates.drawn(drawn);
    return finish(Keys.id(key), drawn, Keys.logit(key), u);
  }

  /// Chooses the given token, whatever the stages and the draw would have chosen. The stages run
  /// all the same, so that its probability is known and listeners see what was overruled.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such token
  public int force(int id, float[] logits) {
    ownStatistics.reset(logits);
    return force(id, ownStatistics);
  }

  /// As {@link #force(int, float[])} with the logits that these statistics are of.
  public int force(int id, LogitStatistics logits) {
    applyStages(logits);
    int i = candidates.indexOf(id);
    if (i < 0) {
      return finish(id, OUTSIDE, Float.NEGATIVE_INFINITY, Double.NaN);
    }
    return finish(id, candidates.rank(i), candidates.logit(i), Double.NaN);
  }

  /// The latest choice, with what each stage kept.
  public Choice choice() {
    checkChosen();
    List<StageSummary> summaries = new ArrayList<>(entered.length);
    for (int i = 0; i < entered.length; i++) {
      SamplerStage stage = sampler.stages().get(i);
      summaries.add(new StageSummary(stage.name(), stage.parameters(), entered[i], kept[i]));
    }
    return new Choice(id, rank, probability, logProbability, u, summaries);
  }

  /// The id of the latest choice.
  public int id() {
    checkChosen();
    return id;
  }

  /// Its rank, see {@link Choice#rank}.
  public int rank() {
    checkChosen();
    return rank;
  }

  /// The random number that chose it, see {@link Choice#u}.
  public double u() {
    checkChosen();
    return u;
  }

  /// Its probability among the candidates that all stages left.
  public double probability() {
    checkChosen();
    return probability;
  }

  /// The natural logarithm of {@link #probability()}.
  public double logProbability() {
    checkChosen();
    return logProbability;
  }

  /// The natural logarithm of its probability in the softmax of the raw logits.
  public double rawLogProbability() {
    checkChosen();
    return statistics.logProbability(id);
  }

  /// The statistics of the latest logits, valid until those change.
  public LogitStatistics statistics() {
    checkChosen();
    return statistics;
  }

  private void checkChosen() {
    if (!hasChosen) {
      throw new IllegalStateException("no token has been chosen yet");
    }
  }

  private void applyStages(LogitStatistics logits) {
    statistics = logits;
    hasChosen = false;
    history.vocabulary(logits.vocabulary());
    candidates.begin(logits);
    if (listener != null) {
      applyWatched(listener);
      return;
    }
    List<SamplerStage> stages = sampler.stages();
    for (int i = 0; i < entered.length; i++) {
      entered[i] = candidates.size();
      apply(stages.get(i));
      kept[i] = candidates.size();
    }
  }

  private void apply(SamplerStage stage) {
    candidates.beginStage(stage.name());
    stage.apply(candidates, history);
    candidates.endStage();
  }

  /// What a stage leaves is what the next one meets: one snapshot serves both, and one that changes
  /// nothing needs none of its own.
  private void applyWatched(SamplingListener listener) {
    Snapshot before = Snapshot.of(candidates);
    for (int i = 0; i < entered.length; i++) {
      SamplerStage stage = sampler.stages().get(i);
      entered[i] = candidates.size();
      long start = System.nanoTime();
      apply(stage);
      long nanoseconds = System.nanoTime() - start;
      kept[i] = candidates.size();
      Snapshot after = candidates.changedInStage() ? Snapshot.of(candidates) : before;
      Lease lease = new Lease();
      try {
        listener.onStage(new StageView(i, stage, before, after, nanoseconds, lease));
      } finally {
        lease.end();
      }
      before = after;
    }
    Lease lease = new Lease();
    try {
      listener.onDistribution(new CandidatesView(before, lease));
    } finally {
      lease.end();
    }
  }

  /// Remembers what was chosen, publishes it, and only then makes it part of the past.
  private int finish(int id, int rank, float logit, double u) {
    this.id = id;
    this.rank = rank;
    this.u = u;
    probability = candidates.probability(logit);
    logProbability = candidates.logProbability(logit);
    hasChosen = true;
    if (listener != null) {
      if (!Double.isNaN(u)) {
        listener.onDraw(new Draw(seed, history.generated(), u));
      }
      listener.onChoice(choice(), statistics);
    }
    history.append(id, true);
    return id;
  }
}
