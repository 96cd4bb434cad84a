package dev.inferno.observe.analysis;

import java.util.ArrayList;
import java.util.List;

/// Which part of the model put how much into a logit, or into the difference of two: direct logit
/// attribution. The last residual stream is the sum of the embedding and of what each block added;
/// with the final norm's divisor frozen, the logit is linear in it. Elhage et al., 2021:
/// <https://transformer-circuits.pub/2021/framework/index.html>
///
/// Immutable.
///
/// @param contributions one number per component, in the order given
/// @param bias what the bias of the final norm contributes, 0 without one
/// @param sum all contributions and the bias
/// @param logit what the model computed
/// @param residual `logit - sum`: rounding if the components are complete, else what is missing
///   (such as a bias of the output, or a softcap)
public record LogitAttribution(
    List<Double> contributions, double bias, double sum, double logit, double residual) {

  /// Copies the list.
  public LogitAttribution {
    contributions = List.copyOf(contributions);
  }

  /// Attributes the logit of a token at one position.
  ///
  /// @param components each `[width]`: `Hook.EMBED`, and of each layer `Hook.ATTN_OUT` and
  ///   `Hook.MLP_OUT`, or finer or coarser parts of the same sum
  /// @param norm the final norm as it was at the position
  /// @param unembedding `[width]`: the token's row of the output matrix
  /// @param logit the token's logit at the position
  /// @throws IllegalArgumentException if a length is not the width, or a number is not finite
  public static LogitAttribution of(
      List<float[]> components, FrozenNorm norm, float[] unembedding, double logit) {
    require("the unembedding", unembedding, norm);
    if (!Double.isFinite(logit)) {
      throw new IllegalArgumentException("the logit must be finite, but is " + logit);
    }
    var contributions = new ArrayList<Double>();
    double bias = norm.biasAlong(unembedding);
    double sum = bias;
    for (int i = 0; i < components.size(); i++) {
      require("component " + i, components.get(i), norm);
      double contribution = norm.along(unembedding, components.get(i));
      contributions.add(contribution);
      sum += contribution;
    }
    return new LogitAttribution(contributions, bias, sum, logit, logit - sum);
  }

  /// Attributes the difference between the logits of two tokens at one position: why the one rather
  /// than the other.
  ///
  /// @param components as above
  /// @param norm the final norm as it was at the position
  /// @param unembedding `[width]`: the one token's row of the output matrix
  /// @param otherUnembedding `[width]`: the other token's
  /// @param logit the one token's logit
  /// @param otherLogit the other token's
  /// @throws IllegalArgumentException if a length is not the width, or a number is not finite
  public static LogitAttribution ofDifference(
      List<float[]> components,
      FrozenNorm norm,
      float[] unembedding,
      float[] otherUnembedding,
      double logit,
      double otherLogit) {
    LogitAttribution one = of(components, norm, unembedding, logit);
    LogitAttribution other = of(components, norm, otherUnembedding, otherLogit);
    var differences = new ArrayList<Double>();
    for (int i = 0; i < components.size(); i++) {
      differences.add(one.contributions.get(i) - other.contributions.get(i));
    }
    return new LogitAttribution(
        differences,
        one.bias - other.bias,
        one.sum - other.sum,
        logit - otherLogit,
        one.residual - other.residual);
  }

  private static void require(String what, float[] values, FrozenNorm norm) {
    Arguments.requireLength(what, values, norm.width());
    Arguments.requireFinite(what, values);
  }
}
