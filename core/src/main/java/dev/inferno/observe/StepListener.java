package dev.inferno.observe;

import dev.inferno.ModelInfo;
import dev.inferno.sampler.CandidatesView;
import dev.inferno.sampler.Draw;
import dev.inferno.sampler.StageView;
import java.util.function.BooleanSupplier;

/// Sees every step of a generation and changes nothing. Every method does nothing unless it is
/// overridden; with nobody listening an event costs one branch.
///
/// Called on the thread of the generation, in the order in which things happen. What a method
/// receives is borrowed: a {@link TensorView} or a view of a sampler stage is valid until the
/// method returns. A method that throws ends its generation with a {@link ListenerException}, or
/// detaches this listener, see {@link ListenerErrors}.
public interface StepListener {

  /// What messages call this listener.
  default String name() {
    return getClass().getName();
  }

  /// What this listener wants to see of the computation. Asked once, when it is registered; without
  /// a plan it gets the events of the token level.
  default ObservationPlan plan(ModelInfo model) {
    return ObservationPlan.TOKENS;
  }

  /// For a listener that waits for something: gives it a way to ask, from any thread, whether its
  /// session is cancelled, so that it waits no longer than it must. Called once, when it is
  /// registered.
  default void cancellation(BooleanSupplier cancelled) {}

  /// A generation begins.
  default void onGenerationStart(GenerationStart start) {}

  /// The tokens it begins with.
  default void onPromptTokens(PromptTokens prompt) {}

  /// A step begins.
  default void onStepStart(StepStart start) {}

  /// The KV cache of the session changed, or a generation goes on with what it holds. Between
  /// generations, too.
  default void onCacheChange(CacheChange change) {}

  /// A point of the plan has its value.
  default void onActivation(Activation activation) {}

  /// A stage of the sampler is done.
  default void onSamplerStage(StageView stage) {}

  /// All stages are done: what is drawn from.
  default void onDistribution(CandidatesView distribution) {}

  /// The random number is drawn; not for a token that is forced.
  default void onDraw(Draw draw) {}

  /// A token is chosen.
  default void onSelection(Selection selection) {}

  /// A draft has been compared with what was chosen, see {@link
  /// dev.inferno.GenerationOptions#speculation(int)}.
  default void onVerification(Verification verification) {}

  /// More of the text is certain.
  default void onText(TextPiece piece) {}

  /// A step is done.
  default void onStepEnd(StepEnd end) {}

  /// The generation ended or failed. Comes last.
  default void onGenerationEnd(GenerationEnd end) {}
}
