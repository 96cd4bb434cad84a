package dev.inferno.visualizer;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.tokenizer.EncodeOptions;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// A run as it waits for its turn: what was asked for, checked.
///
/// @param run what the wire says of it
/// @param prompt its tokens
@SuppressWarnings("ArrayRecordComponent") // never compared
record Job(Wire.Run run, int[] prompt, GenerationOptions options, long seed) {
  static final int MOST_TOP = 1000;
  private static final int DEFAULT_TOP = 20;
  private static final int DEFAULT_MAX_TOKENS = 64;

  /// @param context how many positions the session will have
  /// @throws BadRequestException if it asks for what is impossible
  static Job of(String name, Wire.Generate request, Model model, int context) {
    SamplerSettings settings =
        request.sampler() == null ? SamplerSettings.DEFAULTS : request.sampler();
    boolean parseSpecial = request.parseSpecial() == null || request.parseSpecial();
    int maxTokens =
        checked("maxTokens", request.maxTokens(), DEFAULT_MAX_TOKENS, 0, Integer.MAX_VALUE);
    int top = checked("top", request.top(), DEFAULT_TOP, 1, MOST_TOP);
    long seed = request.seed() == null ? new SecureRandom().nextLong() : seed(request.seed());
    var run =
        new Wire.Run(
            name,
            false,
            orEmpty(request.group()),
            orEmpty(request.label()),
            request.prompt(),
            parseSpecial,
            maxTokens,
            Long.toString(seed),
            settings,
            top,
            model.info(),
            context);
    return new Job(
        run,
        tokens(request.prompt(), parseSpecial, model, context),
        options(request, settings).maxTokens(maxTokens).seed(seed),
        seed);
  }

  private static GenerationOptions options(Wire.Generate request, SamplerSettings settings) {
    GenerationOptions options = GenerationOptions.defaults().sampler(settings.sampler());
    if (request.stops() == null) {
      return options;
    }
    if (request.stops().contains("")) {
      throw new BadRequestException("stops must not hold an empty string");
    }
    return options.stopAt(request.stops().toArray(String[]::new));
  }

  private static int[] tokens(String prompt, boolean parseSpecial, Model model, int context) {
    EncodeOptions how = EncodeOptions.prompt().withParsedSpecials(parseSpecial);
    int[] ids = model.tokenizer().encode(prompt, how).ids();
    if (ids.length == 0) {
      throw new BadRequestException("the prompt has no tokens");
    }
    if (ids.length > context) {
      throw new BadRequestException(
          "the prompt has %d tokens, but the context has room for %d"
              .formatted(ids.length, context));
    }
    return ids;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /// A value that may be absent.
  ///
  /// @throws BadRequestException if it is out of range
  static int checked(String name, @Nullable Integer value, int absent, int least, int most) {
    if (value == null) {
      return absent;
    }
    if (value < least || value > most) {
      throw new BadRequestException(
          "%s must be %d to %d, but is %d".formatted(name, least, most, value));
    }
    return value;
  }

  /// @throws BadRequestException if it is no integer of 64 bits
  static long seed(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw new BadRequestException(
          "seed must be an integer of 64 bits in a string, but is '%s'".formatted(text), e);
    }
  }
}
