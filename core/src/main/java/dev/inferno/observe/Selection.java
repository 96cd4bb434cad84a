package dev.inferno.observe;

/// A token was chosen.
///
/// @param step the step whose logits it was chosen from; also the index of the generated token
/// @param position the absolute position it will have
/// @param id the token
/// @param piece its piece, as the vocabulary has it, in which a blank may be `Ġ` or `▁`
/// @param text its text by itself, U+FFFD where it is part of a character
/// @param rank its place among the raw logits, 1 for the largest
/// @param probability its probability after all samplers, the one it was drawn with; 0 if it was
///   forced and they had removed it
/// @param logProbability the logarithm of its probability in the softmax of the raw logits
/// @param entropy the entropy of the softmax of the raw logits, in nats
/// @param margin the distance between the two largest raw logits
/// @param forced whether it was forced instead of drawn, see {@link
///   dev.inferno.GenerationOptions#forced}
/// @param stopper ends the generation
public record Selection(
    int step,
    int position,
    int id,
    String piece,
    String text,
    int rank,
    double probability,
    double logProbability,
    double entropy,
    double margin,
    boolean forced,
    Runnable stopper) {
  /// Ends the generation after this step, with the reason `LISTENER`.
  public void stop() {
    stopper.run();
  }
}
