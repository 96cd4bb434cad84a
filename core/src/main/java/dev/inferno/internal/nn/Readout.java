package dev.inferno.internal.nn;

import java.util.List;
import java.util.Optional;

/// The weights between what heads and neurons compute and the logits: what a model does last of
/// all, and how each block writes to the residual stream.
///
/// @param norm the final norm
/// @param head the output projection
/// @param branchScale what a branch is multiplied by before it is added to the stream
public record Readout(NormWeights norm, Head head, List<Block> blocks, float branchScale) {

  /// Of a model that adds its branches as they are.
  public Readout(NormWeights norm, Head head, List<Block> blocks) {
    this(norm, head, blocks, 1);
  }

  /// How a block writes to the residual stream.
  ///
  /// @param attentionOutput from the heads
  /// @param normBehindAttention what is between that and the stream
  /// @param downs from the neurons of its feed-forward; of a mixture, of each expert
  /// @param normBehindFeedForward what is between that and the stream
  public record Block(
      Linear attentionOutput,
      Optional<NormWeights> normBehindAttention,
      List<Linear> downs,
      Optional<NormWeights> normBehindFeedForward) {

    /// A block without norms behind its branches.
    public static Block of(Attention attention, Linear down) {
      return new Block(attention.output(), Optional.empty(), List.of(down), Optional.empty());
    }

    /// A block with a norm behind each of its branches.
    public static Block of(
        Attention attention,
        RmsNorm normBehindAttention,
        Linear down,
        RmsNorm normBehindFeedForward) {
      return new Block(
          attention.output(),
          Optional.of(normBehindAttention.weights()),
          List.of(down),
          Optional.of(normBehindFeedForward.weights()));
    }

    /// A block without norms behind its branches, perhaps with a mixture of experts.
    public static Block of(Attention attention, FeedForward feedForward) {
      return new Block(attention.output(), Optional.empty(), feedForward.downs(), Optional.empty());
    }
  }
}
