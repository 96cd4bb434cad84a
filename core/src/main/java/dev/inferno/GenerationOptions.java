package dev.inferno;

import dev.inferno.sampler.Sampler;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// How to generate. Immutable; each method gives the same options with one thing changed.
///
/// @param maxTokens how many tokens to generate at most, at least 0
/// @param sampler how each token is chosen
/// @param seed the seed of the draws; empty means a fresh one, which {@link Generation#seed}
///   reports
/// @param stops strings that end the text when they appear
/// @param endOfText whether a token that ends the model's text ends the generation
/// @param parseSpecial whether special tokens written in the prompt (`<|im_start|>`) are taken as
///   such, or as plain text
/// @param contextShift how many first positions a context shift keeps; empty means that a full
///   context ends the generation
public record GenerationOptions(
    int maxTokens,
    Sampler sampler,
    OptionalLong seed,
    List<String> stops,
    boolean endOfText,
    boolean parseSpecial,
    OptionalInt contextShift) {
  private static final GenerationOptions DEFAULTS =
      new GenerationOptions(
          256,
          Sampler.defaults(),
          OptionalLong.empty(),
          List.of(),
          true,
          true,
          OptionalInt.empty());

  /// At most 256 tokens, {@link Sampler#defaults}, a fresh seed, special tokens understood.
  public static GenerationOptions defaults() {
    return DEFAULTS;
  }

  /// Checks the ranges and copies the list.
  public GenerationOptions {
    if (maxTokens < 0) {
      throw new IllegalArgumentException("maxTokens must be at least 0, but is " + maxTokens);
    }
    if (contextShift.isPresent() && contextShift.getAsInt() < 0) {
      throw new IllegalArgumentException(
          "contextShift must keep at least 0 first positions, but keeps "
              + contextShift.getAsInt());
    }
    stops = List.copyOf(stops);
    if (stops.contains("")) {
      throw new IllegalArgumentException("a stop string must not be empty");
    }
  }

  /// At most so many tokens, at least 0.
  public GenerationOptions maxTokens(int maxTokens) {
    return new GenerationOptions(
        maxTokens, sampler, seed, stops, endOfText, parseSpecial, contextShift);
  }

  /// Each token chosen so.
  public GenerationOptions sampler(Sampler sampler) {
    return new GenerationOptions(
        maxTokens, sampler, seed, stops, endOfText, parseSpecial, contextShift);
  }

  /// Draws from this seed.
  public GenerationOptions seed(long seed) {
    return new GenerationOptions(
        maxTokens, sampler, OptionalLong.of(seed), stops, endOfText, parseSpecial, contextShift);
  }

  /// Ends before any of these strings, none of them empty.
  public GenerationOptions stopAt(String... stops) {
    return new GenerationOptions(
        maxTokens, sampler, seed, List.of(stops), endOfText, parseSpecial, contextShift);
  }

  /// Goes on after a token that ends the model's text.
  public GenerationOptions ignoreEndOfText() {
    return new GenerationOptions(
        maxTokens, sampler, seed, stops, false, parseSpecial, contextShift);
  }

  /// Takes special tokens written in the prompt as plain text.
  public GenerationOptions plainPrompt() {
    return new GenerationOptions(maxTokens, sampler, seed, stops, endOfText, false, contextShift);
  }

  /// Goes on when the context is full: the first positions are kept, the older half of the others
  /// is forgotten, the rest moves down, its keys turned to where they come to stand. The model then
  /// sees a text with a gap, of which the newer part was computed with the older one in sight; the
  /// prompt still has to fit in the context.
  ///
  /// Positions in events, plans and interventions are those of the cache, so they are taken anew
  /// after a shift.
  ///
  /// Needs a model with rotary positions, and room for two more positions than are kept.
  ///
  /// @param keepFirst how many first positions are never forgotten, at least 0
  public GenerationOptions contextShift(int keepFirst) {
    return new GenerationOptions(
        maxTokens, sampler, seed, stops, endOfText, parseSpecial, OptionalInt.of(keepFirst));
  }
}
