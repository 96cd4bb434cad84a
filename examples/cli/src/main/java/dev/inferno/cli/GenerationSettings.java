package dev.inferno.cli;

import dev.inferno.GenerationOptions;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How a generation goes and ends, besides the choice of each token.
final class GenerationSettings {
  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description =
          "Seed of the draws, any 64-bit integer: the same seed gives the same text. Default: a"
              + " fresh one, which the result names.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "End before this text, which must not be empty. May be given several times.")
  private List<String> stops = List.of();

  @Option(
      names = "--context-shift",
      paramLabel = "N",
      description =
          "When the context is full, keep its first N positions, 0 or more, forget the older half"
              + " of the others, and go on. Default: a full context ends the text.")
  private Optional<Integer> contextShift = Optional.empty();

  @Option(
      names = "--speculate",
      paramLabel = "N",
      description =
          "Draft up to N tokens from what the text said before, 0 to 15, and verify them in one"
              + " pass: the same text, sooner where it repeats itself or its prompt. Default:"
              + " ${DEFAULT-VALUE}, which is off.")
  private int speculation;

  /// The options with these settings.
  ///
  /// @throws IllegalArgumentException if one is out of range
  GenerationOptions apply(GenerationOptions options) {
    GenerationOptions set = options.stopAt(stops.toArray(String[]::new)).speculation(speculation);
    if (seed.isPresent()) {
      set = set.seed(seed.get());
    }
    return contextShift.isPresent() ? set.contextShift(contextShift.get()) : set;
  }

  /// Whether tokens are drafted.
  boolean speculates() {
    return speculation > 0;
  }
}
