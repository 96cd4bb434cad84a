package dev.inferno.observe;

/// A step is done: the forward pass, and in a generation the choice of the next token. A step that
/// is cancelled or fails has no end; what ends the generation then is {@link GenerationEnd}.
///
/// @param step 0 for the prompt, then 1, 2, ...
/// @param firstPosition the absolute position of its first row
/// @param rows how many tokens it passed through the model
/// @param forwardNanos the time of the forward pass, callbacks included; next to nothing if the
///   token had passed through the model in an earlier step, see {@link Verification}
/// @param samplingNanos the time of sampling and of a context shift that makes room for the token,
///   callbacks included; 0 if nothing was sampled
/// @param cachedPositions how many positions the KV cache holds now
/// @param sessions how many sessions shared its last forward pass, this one included, see {@link
///   dev.inferno.Scheduler}
/// @param stopper ends the generation
public record StepEnd(
    int step,
    int firstPosition,
    int rows,
    long forwardNanos,
    long samplingNanos,
    int cachedPositions,
    int sessions,
    Runnable stopper) {
  /// Ends the generation after this step, with the reason `LISTENER`.
  public void stop() {
    stopper.run();
  }
}
