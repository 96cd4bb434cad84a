package dev.inferno;

import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How the authors of a model would generate with it, as far as they say: in the
/// `generation_config.json` of a folder, or under `general.sampling.` in a GGUF file. Immutable.
///
/// ```java
/// session.generate("Once", model.generationDefaults().options().maxTokens(64));
/// ```
///
/// @param temperature 0 or more; 0 is always the likeliest token
/// @param topK how many tokens are kept, 0 for all
/// @param topP the likeliest tokens with this probability together are kept, from 0 to 1
/// @param minP tokens this many times as likely as the likeliest are kept, from 0 to 1
/// @param repetitionPenalty what the logits of recent tokens are divided by, above 0
/// @param penaltyLastN how many tokens are recent, -1 for all
/// @param sampled false for always the likeliest token, whatever the others say
/// @param endTokens tokens that end a text, besides those that the tokenizer knows of
public record GenerationDefaults(
    Optional<Float> temperature,
    Optional<Integer> topK,
    Optional<Float> topP,
    Optional<Float> minP,
    Optional<Float> repetitionPenalty,
    Optional<Integer> penaltyLastN,
    Optional<Boolean> sampled,
    List<Integer> endTokens) {

  /// Of authors who say nothing.
  public static final GenerationDefaults NONE =
      new GenerationDefaults(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of());

  /// What a `generation_config.json` says, each value checked.
  ///
  /// @param file what messages call the file
  /// @param values what it says: Long, Double, Boolean, String, List
  /// @param vocabulary how many tokens there are
  /// @throws dev.inferno.format.MalformedModelException if a value is not possible
  public static GenerationDefaults ofConfig(
      String file, Map<String, Object> values, int vocabulary) {
    return new AuthorsValues(file, values).ofFolder(vocabulary);
  }

  /// The list is copied.
  public GenerationDefaults {
    endTokens = List.copyOf(endTokens);
  }

  /// The recipe that they make: the stages of {@link Sampler#defaults}, with its numbers where the
  /// authors say nothing.
  public Sampler sampler() {
    if (!sampled.orElse(true)) {
      return Sampler.greedy();
    }
    return Sampler.chain(
        SamplerStage.penalties(penaltyLastN.orElse(64), repetitionPenalty.orElse(1f), 0, 0),
        SamplerStage.topK(topK.orElse(40)),
        SamplerStage.topP(topP.orElse(0.95f)),
        SamplerStage.minP(minP.orElse(0.05f)),
        SamplerStage.temperature(temperature.orElse(0.8f)));
  }

  /// {@link GenerationOptions#defaults} with this {@link #sampler}.
  public GenerationOptions options() {
    return GenerationOptions.defaults().sampler(sampler());
  }
}
