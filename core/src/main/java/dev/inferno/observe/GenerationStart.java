package dev.inferno.observe;

/// A generation begins.
///
/// @param position how many tokens the session held before it
/// @param maxTokens how many tokens may be generated
/// @param seed the seed of every draw
public record GenerationStart(int position, int maxTokens, long seed) {}
