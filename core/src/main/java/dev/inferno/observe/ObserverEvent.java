package dev.inferno.observe;

import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.StageView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a {@link StepListener} is told, as a value that lasts: made by an {@link EventPublisher}.
/// Immutable, except that tensors are views of arrays of their own.
///
/// `stop()` of a published {@link Selection} or {@link StepEnd} may be called at any time and on
/// any thread. It acts at the generation's next selection or end of a step.
public sealed interface ObserverEvent {
  /// How many events the publisher had before this one. A gap between two that a subscriber gets is
  /// what was dropped.
  long number();

  /// A generation begins.
  record GenerationStarted(long number, GenerationStart start) implements ObserverEvent {}

  /// The tokens it begins with.
  record PromptGiven(long number, PromptTokens prompt) implements ObserverEvent {}

  /// A step begins.
  record StepStarted(long number, StepStart start) implements ObserverEvent {}

  /// The KV cache changed, or goes on being used.
  record CacheChanged(long number, CacheChange change) implements ObserverEvent {}

  /// A point of the plan has its value. The tensors are copies: they stay valid.
  record PointReached(long number, Activation activation) implements ObserverEvent {}

  /// A stage of the sampler is done.
  ///
  /// @param index the place of the stage in the chain, from 0
  /// @param name the name of the stage
  /// @param parameters its parameters by name
  /// @param entered how many candidates it met
  /// @param kept how many it left
  /// @param massRemoved the probability, as it was before the stage, of those it removed
  /// @param nanoseconds how long it took
  record SamplerStageDone(
      long number,
      int index,
      String name,
      Map<String, Object> parameters,
      int entered,
      int kept,
      double massRemoved,
      long nanoseconds)
      implements ObserverEvent {
    /// Copies the map, in its order.
    public SamplerStageDone {
      parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    static SamplerStageDone of(long number, StageView stage) {
      return new SamplerStageDone(
          number,
          stage.index(),
          stage.name(),
          stage.parameters(),
          stage.entered(),
          stage.kept(),
          stage.massRemoved(),
          stage.nanoseconds());
    }
  }

  /// All stages are done: what is drawn from.
  ///
  /// @param candidates how many candidates there are
  /// @param best the best of them, at most {@link #MOST}, the most likely first
  record DistributionReady(long number, int candidates, List<Candidate> best)
      implements ObserverEvent {
    /// How many candidates are copied at most.
    public static final int MOST = 64;

    /// Copies the list.
    public DistributionReady {
      best = List.copyOf(best);
    }

    static DistributionReady of(long number, CandidatesView view) {
      var best = new ArrayList<Candidate>();
      for (int rank = 0; rank < Math.min(MOST, view.size()); rank++) {
        best.add(new Candidate(view.id(rank), view.logit(rank), view.probability(rank)));
      }
      return new DistributionReady(number, view.size(), best);
    }
  }

  /// A token that may be drawn.
  ///
  /// @param id the token
  /// @param logit its logit after all stages
  /// @param probability its probability among all candidates
  record Candidate(int id, float logit, double probability) {}

  /// The random number is drawn.
  record Drawn(long number, Draw draw) implements ObserverEvent {}

  /// A token is chosen.
  record Selected(long number, Selection selection) implements ObserverEvent {}

  /// A draft has been compared with what was chosen.
  record DraftVerified(long number, Verification verification) implements ObserverEvent {}

  /// More of the text is certain.
  record TextAdded(long number, TextPiece piece) implements ObserverEvent {}

  /// A step is done.
  record StepEnded(long number, StepEnd end) implements ObserverEvent {}

  /// The generation ended or failed: the last event.
  record GenerationEnded(long number, GenerationEnd end) implements ObserverEvent {}
}
