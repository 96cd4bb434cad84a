package dev.inferno.sampler;

/// Sees every step from logits to a choice and changes nothing: the choice is the same, to the last
/// bit, watched or unwatched. Called in the order below, in the thread that samples. An exception
/// it throws leaves the state as it was before the call.
public interface SamplingListener {
  /// A stage is done; called for each in the order of the chain.
  default void onStage(StageView stage) {}

  /// All stages are done: what is drawn from.
  default void onDistribution(CandidatesView distribution) {}

  /// The random number is drawn. Not called for a forced token.
  default void onDraw(Draw draw) {}

  /// A token is chosen.
  ///
  /// @param raw of the logits before any stage, valid until this returns
  default void onChoice(Choice choice, LogitStatistics raw) {}
}
