package dev.inferno.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.Hook;

/// By how much a value may differ from a reference, absolutely.
///
/// @param logits of logits
/// @param hidden of hidden states, and whatever else is no probability
/// @param attention of attention's probabilities
record Tolerances(double logits, double hidden, double attention) {
  /// Where a reference states nothing: float32 over a few layers, in whatever order it is summed.
  private static final double USUAL = 3e-4;

  static Tolerances all(double tolerance) {
    return new Tolerances(tolerance, tolerance, tolerance);
  }

  /// Those that `goldens.json` states.
  static Tolerances of(JsonNode goldens) {
    JsonNode stated = goldens.path("tolerance");
    return new Tolerances(
        stated.path("logits_abs").asDouble(USUAL),
        stated.path("hidden_abs").asDouble(USUAL),
        stated.path("attention_abs").asDouble(USUAL));
  }

  double of(Hook hook) {
    return switch (hook) {
      case LOGITS, UNEMBED_OUT -> logits;
      case PATTERN -> attention;
      default -> hidden;
    };
  }
}
