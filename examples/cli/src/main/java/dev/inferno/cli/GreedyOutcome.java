package dev.inferno.cli;

import dev.inferno.KeyValueType;
import dev.inferno.Logits;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.SessionOptions;
import java.io.IOException;
import java.util.Optional;

/// The tokens that a reference chose one after another behind a prompt, beside what the model would
/// choose after each of them. Immutable.
///
/// A token counts as the model's choice if no logit is above its by more than the tolerance: that
/// of two logits, which may both be off.
///
/// @param prompt the key of the prompt
/// @param tokens how many the reference has
/// @param tolerance by how much the best logit may be above that of the reference's token
/// @param largest by how much it is, at the most
/// @param first the first token that is not the model's choice
record GreedyOutcome(
    String prompt, int tokens, double tolerance, double largest, Optional<Parting> first) {

  /// Where the model would choose another token.
  ///
  /// @param index of the token among the reference's
  /// @param difference by how much the logit of ours is above that of theirs
  record Parting(int index, int ours, int theirs, double difference) {}

  /// Passes a prompt and its tokens through the model.
  ///
  /// @param logits by how much a logit may be off
  /// @throws IOException if a token is not in the model's vocabulary
  static GreedyOutcome of(
      Model model,
      ReferenceFolder.Prompt prompt,
      TokenIds greedy,
      double logits,
      SessionOptions options,
      Stop stop)
      throws IOException {
    int[] theirs = greedy.ids();
    double tolerance = 2 * logits;
    double largest = 0;
    Optional<Parting> first = Optional.empty();
    try (Session session = model.newSession(options.keyValueType(KeyValueType.F32))) {
      stop.during(session::cancel);
      session.append(prompt.ids());
      for (int i = 0; i < theirs.length; i++) {
        int token = theirs[i];
        Logits ours = session.logits();
        if (token < 0 || token >= ours.size()) {
          throw new IOException(
              "goldens.json: greedy token %d of prompt %s is not in the vocabulary, which has the ids 0 to %d"
                  .formatted(token, prompt.key(), ours.size() - 1));
        }
        int best = ours.argmax();
        double difference = (double) ours.get(best) - ours.get(token);
        if (Double.isNaN(difference)) {
          difference = Double.POSITIVE_INFINITY;
        }
        largest = Math.max(largest, difference);
        if (difference > tolerance && first.isEmpty()) {
          first = Optional.of(new Parting(i, best, token, difference));
        }
        if (i < theirs.length - 1) {
          session.append(token);
        }
      }
    }
    return new GreedyOutcome(prompt.key(), theirs.length, tolerance, largest, first);
  }

  boolean equal() {
    return first.isEmpty();
  }
}
