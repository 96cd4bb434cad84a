package dev.inferno.sampler;

/// No token could be chosen: a logit is not a number, or a stage left no candidate. The state that
/// threw it is as it was before the call.
public final class SamplingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String stage;

  SamplingException(String stage, String problem) {
    super(stage + ": " + problem);
    this.stage = stage;
  }

  /// The name of the stage at fault, or `logits` if what was given was at fault already.
  public String stage() {
    return stage;
  }
}
