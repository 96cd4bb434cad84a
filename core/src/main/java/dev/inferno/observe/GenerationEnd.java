package dev.inferno.observe;

import dev.inferno.EndReason;

/// A generation ended. Comes last, also when it failed.
///
/// @param reason why; empty if it failed
/// @param failure what it failed with; empty if it ended
/// @param promptTokens how many tokens were passed through the model before the first choice
/// @param generatedTokens how many tokens were chosen
/// @param prefillNanos the time of the prompt's forward pass
/// @param decodeNanos the time of everything after the first choice
public record GenerationEnd(
    java.util.Optional<EndReason> reason,
    java.util.Optional<Throwable> failure,
    int promptTokens,
    int generatedTokens,
    long prefillNanos,
    long decodeNanos) {}
