package dev.inferno.observe;

/// A step begins: the pass over the prompt (step 0) or over the token that was sampled last.
///
/// @param step 0 for the prompt, then 1, 2, ...
/// @param firstPosition the absolute position of its first row
/// @param rows how many tokens it passes through the model
public record StepStart(int step, int firstPosition, int rows) {}
