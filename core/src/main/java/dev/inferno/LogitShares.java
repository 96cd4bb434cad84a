package dev.inferno;

import dev.inferno.observe.Hook;
import dev.inferno.observe.analysis.LogitAttribution;
import java.util.List;
import java.util.OptionalInt;

/// How much each part of a model put into a logit, or into the difference of two: see {@link
/// LogitParts}, which makes it. The shares of the parts and the bias of the final norm sum to what
/// the output projection gave; the logit is that after the model's cap on logits, if it has one.
///
/// Immutable and thread-safe. The model must be open when it is asked for heads and neurons, which
/// are computed anew each time.
public final class LogitShares {
  private final LogitParts source;
  private final int token;
  private final OptionalInt other;
  private final List<Part> parts;
  private final LogitAttribution attribution;
  private final double logit;
  private final float[] direction; // in the residual stream, behind the last block

  LogitShares(
      LogitParts source,
      int token,
      OptionalInt other,
      List<Part> parts,
      LogitAttribution attribution,
      double logit,
      float[] direction) {
    this.source = source;
    this.token = token;
    this.other = other;
    this.parts = List.copyOf(parts);
    this.attribution = attribution;
    this.logit = logit;
    this.direction = direction;
  }

  /// A part of the residual stream.
  ///
  /// @param hook `EMBED`, `POS_EMBED`, `ATTN_OUT` or `MLP_OUT`
  /// @param layer the block that added it, empty for an embedding
  public record Part(Hook hook, OptionalInt layer) {
    /// The wire name of its point, such as `blocks.3.hook_mlp_out`.
    public String name() {
      return hook.name(layer.orElse(0));
    }
  }

  /// An inner neuron of a feed-forward.
  ///
  /// @param layer the block
  /// @param expert the expert it belongs to, in a mixture of experts
  /// @param index which of the neurons, counted from 0
  /// @param activation its value
  /// @param share what it put into the logit, of an expert's neuron with the weight of the expert
  public record Neuron(int layer, OptionalInt expert, int index, float activation, double share) {}

  /// The token.
  public int token() {
    return token;
  }

  /// The token whose logit is taken off, if it is a difference.
  public OptionalInt other() {
    return other;
  }

  /// The parts, in the order in which they are added to the stream.
  public List<Part> parts() {
    return parts;
  }

  /// The share of each part, in the order of {@link #parts}, the bias of the final norm, their sum,
  /// what the output projection gave (which {@link LogitAttribution} calls the logit), and the
  /// residual between the two.
  public LogitAttribution attribution() {
    return attribution;
  }

  /// The model's logit, or the difference of two.
  public double logit() {
    return logit;
  }

  /// What the model does to the logits behind the output projection: {@link #logit} less what the
  /// projection gave. 0 but where logits have a bias, as in Phi-2, or are multiplied or capped, as
  /// in Gemma 2: `cap * tanh(x / cap)` is not linear, and no part can be said to have a share of
  /// it.
  public double cap() {
    return logit - attribution.logit();
  }

  /// The share of each head of a layer, `[H]`: with {@link #attentionBias} they sum to the share of
  /// the block's attention.
  ///
  /// @throws IndexOutOfBoundsException if there is no such layer
  /// @throws IllegalStateException if the model is closed
  public double[] heads(int layer) {
    return source.heads(layer, direction);
  }

  /// The share of the bias of attention's output, 0 without one.
  ///
  /// @throws IndexOutOfBoundsException if there is no such layer
  /// @throws IllegalStateException if the model is closed
  public double attentionBias(int layer) {
    return source.attentionBias(layer, direction);
  }

  /// The neurons of a layer, in a mixture those of the experts that the position went through, the
  /// best expert first: with {@link #feedForwardBias} and {@link #sharedExpert} their shares sum to
  /// that of the block's feed-forward. Reads the whole matrix behind the neurons.
  ///
  /// @throws IndexOutOfBoundsException if there is no such layer
  /// @throws IllegalStateException if the model is closed
  public List<Neuron> neurons(int layer) {
    return source.neurons(layer, direction);
  }

  /// The share of the bias of the feed-forward's output, 0 without one.
  ///
  /// @throws IndexOutOfBoundsException if there is no such layer
  /// @throws IllegalStateException if the model is closed
  public double feedForwardBias(int layer) {
    return source.feedForwardBias(layer, direction);
  }

  /// The share of the expert that every position passes through, 0 without one.
  ///
  /// @throws IndexOutOfBoundsException if there is no such layer
  /// @throws IllegalStateException if the model is closed
  public double sharedExpert(int layer) {
    return source.sharedExpert(layer, direction);
  }
}
