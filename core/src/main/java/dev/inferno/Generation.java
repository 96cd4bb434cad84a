package dev.inferno;

import java.util.List;

/// What a generation gave. Immutable.
///
/// @param promptIds the tokens it began with
/// @param ids every token that was chosen, except one that ended the text
/// @param text the text of the ids, special tokens included; it ends before a stop string
/// @param end why it ended
/// @param seed the seed of its draws: the same seed, options and model give the same tokens
/// @param prefillNanos the time of the prompt's forward pass
/// @param decodeNanos the time of all later steps
/// @param decodeSteps how many steps that were; with speculation there are fewer forward passes
/// @param drafted how many tokens were passed through the model ahead, see {@link
///   GenerationOptions#speculation(int)}
/// @param accepted how many of them were then chosen
public record Generation(
    List<Integer> promptIds,
    List<Integer> ids,
    String text,
    EndReason end,
    long seed,
    long prefillNanos,
    long decodeNanos,
    int decodeSteps,
    int drafted,
    int accepted) {

  /// Copies the lists.
  public Generation {
    promptIds = List.copyOf(promptIds);
    ids = List.copyOf(ids);
  }

  /// Prompt tokens per second; 0 if there was no time to measure.
  public double prefillTokensPerSecond() {
    return prefillNanos == 0 ? 0 : promptIds.size() * 1e9 / prefillNanos;
  }

  /// Generated tokens per second after the first; 0 if there was none.
  public double decodeTokensPerSecond() {
    return decodeNanos == 0 ? 0 : decodeSteps * 1e9 / decodeNanos;
  }
}
