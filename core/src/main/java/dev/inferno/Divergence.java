package dev.inferno;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// How far a model is from another one on a text, see {@link Comparison}. Immutable.
///
/// @param positions how many positions were compared
/// @param windows how many windows the text was cut into
/// @param kl the Kullback-Leibler divergence of each position, `KL(p||q) = sum of p (ln p - ln q)`
///   over the vocabulary, p the model's probabilities and q the other one's, in nats
/// @param agreement the share of positions where both have the same likeliest token, 0 to 1
/// @param surprisal the mean of -ln p of each token given those before it in its window, in the
///   model; the first token of a window does not count; empty if there is no other
/// @param otherSurprisal the same in the other model
/// @param embedding the embedded tokens, what goes into the first layer; empty where the layers are
/// @param layers one entry for each layer, of the residual stream behind it; empty if the models
///   are not alike in layers and width
/// @param threshold what {@link #firstDifference} looks for
public record Divergence(
    int positions,
    int windows,
    Spread kl,
    double agreement,
    OptionalDouble surprisal,
    OptionalDouble otherSurprisal,
    Optional<LayerDifference> embedding,
    List<LayerDifference> layers,
    double threshold) {

  /// Numbers of all positions. A percentile is the smallest of them that so many are not above.
  ///
  /// @param mean their mean
  /// @param median the 50th percentile
  /// @param percentile90 the 90th percentile
  /// @param percentile95 the 95th percentile
  /// @param percentile99 the 99th percentile
  /// @param max the largest of them
  /// @param maxPosition where that is, counted in the whole text from 0
  public record Spread(
      double mean,
      double median,
      double percentile90,
      double percentile95,
      double percentile99,
      double max,
      int maxPosition) {}

  /// How far two residual streams are from each other at one place, over all positions.
  ///
  /// @param layer the layer that they come from; that of the embedding is 0, which it goes into
  /// @param difference the mean of `|x - y|` over positions and numbers, x of the model, y of the
  ///   other one
  /// @param magnitude the mean of `|x|`
  public record LayerDifference(int layer, double difference, double magnitude) {
    /// The difference as a share of the magnitude; 0 if there is no difference.
    public double relative() {
      return difference == 0 ? 0 : difference / magnitude;
    }
  }

  /// Copies the list.
  public Divergence {
    layers = List.copyOf(layers);
  }

  /// The model's perplexity, `exp` of the mean surprisal.
  public OptionalDouble perplexity() {
    return exp(surprisal);
  }

  /// The other model's perplexity.
  public OptionalDouble otherPerplexity() {
    return exp(otherSurprisal);
  }

  private static OptionalDouble exp(OptionalDouble mean) {
    return mean.isPresent() ? OptionalDouble.of(Math.exp(mean.getAsDouble())) : mean;
  }

  /// The first layer behind which the relative difference is more than the threshold.
  public Optional<LayerDifference> firstDifference() {
    return layers.stream().filter(layer -> layer.relative() > threshold).findFirst();
  }
}
