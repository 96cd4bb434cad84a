package dev.inferno.observe;

import java.util.OptionalDouble;

/// What the choice of the step before must have been like for an intervention to act. It looks at
/// the raw distribution of that step: the softmax of the logits with their interventions, before
/// the sampler. Where both bounds are given both must hold.
///
/// Step 0 of a generation has no choice before it, and neither has a step outside of one ({@link
/// dev.inferno.Session#append}): there a condition with a bound does not hold. Immutable.
///
/// @param entropyAbove the entropy of the distribution must be above this, in nats
/// @param probabilityBelow the probability that it gives the token chosen last must be below this
public record Condition(OptionalDouble entropyAbove, OptionalDouble probabilityBelow) {
  /// Always holds.
  public static final Condition ALWAYS =
      new Condition(OptionalDouble.empty(), OptionalDouble.empty());

  /// Checks the bounds.
  ///
  /// @throws IllegalArgumentException if the entropy is negative or not finite, or the probability
  ///   not above 0 and at most 1
  public Condition {
    if (entropyAbove.isPresent()) {
      double nats = entropyAbove.getAsDouble();
      if (!(nats >= 0 && nats < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "entropy above must be a finite number of nats, at least 0, but is " + nats);
      }
    }
    if (probabilityBelow.isPresent()) {
      double probability = probabilityBelow.getAsDouble();
      if (!(probability > 0 && probability <= 1)) {
        throw new IllegalArgumentException(
            "probability below must be above 0 and at most 1, but is " + probability);
      }
    }
  }

  /// Whether it holds.
  ///
  /// @param entropy of the distribution that was chosen from, in nats; not a number if there was
  ///   none
  /// @param probability of the chosen token in it; not a number if there was none
  public boolean holds(double entropy, double probability) {
    return (entropyAbove.isEmpty() || entropy > entropyAbove.getAsDouble())
        && (probabilityBelow.isEmpty() || probability < probabilityBelow.getAsDouble());
  }

  /// Such as `after an entropy above 2.5 nats`.
  @Override
  public String toString() {
    String entropy =
        entropyAbove.isPresent()
            ? "after an entropy above " + entropyAbove.getAsDouble() + " nats"
            : "";
    String probability =
        probabilityBelow.isPresent()
            ? "after a token of probability below " + probabilityBelow.getAsDouble()
            : "";
    String and = entropy.isEmpty() || probability.isEmpty() ? "" : " and ";
    return equals(ALWAYS) ? "always" : entropy + and + probability;
  }
}
