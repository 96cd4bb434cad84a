package dev.inferno;

import dev.inferno.sampler.Sampler;
import java.util.Arrays;
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
/// @param forced the first tokens to generate, whatever the sampler would choose
/// @param draws the random numbers of the first tokens, in place of those that follow from the seed
/// @param speculation how many tokens are drafted at most at a time, 0 for no speculation
public record GenerationOptions(
    int maxTokens,
    Sampler sampler,
    OptionalLong seed,
    List<String> stops,
    boolean endOfText,
    boolean parseSpecial,
    OptionalInt contextShift,
    List<Integer> forced,
    List<Double> draws,
    int speculation) {
  private static final GenerationOptions DEFAULTS =
      new GenerationOptions(
          256,
          Sampler.defaults(),
          OptionalLong.empty(),
          List.of(),
          true,
          true,
          OptionalInt.empty(),
          List.of(),
          List.of(),
          0);

  /// At most 256 tokens, {@link Sampler#defaults}, a fresh seed, special tokens understood.
  public static GenerationOptions defaults() {
    return DEFAULTS;
  }

  /// Checks the ranges and copies the lists.
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
    forced = List.copyOf(forced);
    draws = List.copyOf(draws);
    for (double u : draws) {
      if (!(u >= 0 && u < 1)) {
        throw new IllegalArgumentException("a draw must be at least 0 and below 1, but is " + u);
      }
    }
    if (speculation < 0 || speculation > Speculation.LONGEST) {
      throw new IllegalArgumentException(
          "speculation must be from 0 to %d, but is %d"
              .formatted(Speculation.LONGEST, speculation));
    }
  }

  /// At most so many tokens, at least 0.
  public GenerationOptions maxTokens(int maxTokens) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        parseSpecial,
        contextShift,
        forced,
        draws,
        speculation);
  }

  /// Each token chosen so.
  public GenerationOptions sampler(Sampler sampler) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        parseSpecial,
        contextShift,
        forced,
        draws,
        speculation);
  }

  /// Draws from this seed.
  public GenerationOptions seed(long seed) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        OptionalLong.of(seed),
        stops,
        endOfText,
        parseSpecial,
        contextShift,
        forced,
        draws,
        speculation);
  }

  /// Ends before any of these strings, none of them empty.
  public GenerationOptions stopAt(String... stops) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        List.of(stops),
        endOfText,
        parseSpecial,
        contextShift,
        forced,
        draws,
        speculation);
  }

  /// Goes on after a token that ends the model's text.
  public GenerationOptions ignoreEndOfText() {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        false,
        parseSpecial,
        contextShift,
        forced,
        draws,
        speculation);
  }

  /// Takes special tokens written in the prompt as plain text.
  public GenerationOptions plainPrompt() {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        false,
        contextShift,
        forced,
        draws,
        speculation);
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
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        parseSpecial,
        OptionalInt.of(keepFirst),
        forced,
        draws,
        speculation);
  }

  /// Generates these tokens first, whatever the sampler would choose: teacher forcing. Their steps
  /// run as all others, with every event of theirs but the draw, and the selection says what the
  /// model thought of the token. They count as generated: for {@link #maxTokens}, for the end of
  /// the text, for stop strings and penalties. What comes behind them is what it would be if the
  /// sampler had chosen them.
  ///
  /// {@link Session#generate} refuses an id that is not in the vocabulary, and more ids than
  /// `maxTokens`.
  public GenerationOptions forced(int... ids) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        parseSpecial,
        contextShift,
        Arrays.stream(ids).boxed().toList(),
        draws,
        speculation);
  }

  /// Draws the first tokens with these random numbers, each at least 0 and below 1, and the others
  /// from the seed. The n-th number is the n-th token's; for a token that is forced it is not used.
  public GenerationOptions draws(double... draws) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        parseSpecial,
        contextShift,
        forced,
        Arrays.stream(draws).boxed().toList(),
        speculation);
  }

  /// Drafts tokens from what the text has said before, and passes them through the model along with
  /// the one that is due: where the text repeats itself, or its prompt, one pass over the weights
  /// gives several tokens. Tokens, logits and events are those that there would be without it, to
  /// the bit, however they are chosen; beside them {@link
  /// dev.inferno.observe.StepListener#onVerification} tells what was drafted. Drafts grow and rest
  /// with what is accepted.
  ///
  /// While points are watched or changed, tokens pass one by one.
  ///
  /// @param maxDraft how many tokens are drafted at most at a time, from 0, which is off, to 15
  public GenerationOptions speculation(int maxDraft) {
    return new GenerationOptions(
        maxTokens,
        sampler,
        seed,
        stops,
        endOfText,
        parseSpecial,
        contextShift,
        forced,
        draws,
        maxDraft);
  }
}
