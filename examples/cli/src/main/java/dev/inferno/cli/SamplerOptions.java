package dev.inferno.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.inferno.GenerationDefaults;
import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How a token is chosen: what no option says, the model may say. The stages act in a fixed order:
/// penalties, top-k, top-p, min-p, temperature.
final class SamplerOptions {
  @Option(
      names = "--temp",
      paramLabel = "T",
      description =
          "Temperature: 0 or more; below 1 sharper, above 1 flatter, 0 always the likeliest token."
              + " Default: as the model says, or 0.8.")
  private Optional<Float> temperature = Optional.empty();

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description =
          "Keep the K likeliest tokens: 0 or more, 0 is off. Default: as the model says, or 40.")
  private Optional<Integer> topK = Optional.empty();

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Keep the likeliest tokens that together have probability P: 0 to 1, 1 is off."
              + " Default: as the model says, or 0.95.")
  private Optional<Float> topP = Optional.empty();

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description =
          "Keep tokens at least P times as likely as the likeliest: 0 to 1, 0 is off."
              + " Default: as the model says, or 0.05.")
  private Optional<Float> minP = Optional.empty();

  @Option(
      names = "--repeat-penalty",
      paramLabel = "R",
      description =
          "Divide the positive logits of recent tokens by R, multiply the others: above 0, 1 is"
              + " off. Default: as the model says, or 1.")
  private Optional<Float> repetition = Optional.empty();

  @Option(
      names = "--frequency-penalty",
      paramLabel = "F",
      description =
          "Subtract F from a token's logit for each time it is among the recent ones: any number, 0"
              + " is off. Default: ${DEFAULT-VALUE}.")
  private float frequency;

  @Option(
      names = "--presence-penalty",
      paramLabel = "F",
      description =
          "Subtract F once from the logits of recent tokens: any number, 0 is off."
              + " Default: ${DEFAULT-VALUE}.")
  private float presence;

  @Option(
      names = "--penalty-last-n",
      paramLabel = "N",
      description =
          "How many tokens are recent to the penalties: 0 or more, or -1 for all."
              + " Default: as the model says, or 64.")
  private Optional<Integer> lastN = Optional.empty();

  @Option(
      names = "--greedy",
      description =
          "Always the likeliest token, whatever the options above say. Also the default of a model"
              + " whose generation_config.json has do_sample false, until one of --temp, --top-k,"
              + " --top-p, --min-p is given.")
  private boolean greedy;

  /// The recipe; every value is checked, also those that greedy makes idle.
  ///
  /// @param defaults what the model says where no option does
  /// @throws IllegalArgumentException if a value is out of range
  Sampler sampler(GenerationDefaults defaults) {
    Values values = values(defaults);
    Sampler stages =
        Sampler.chain(
            SamplerStage.penalties(
                values.lastN(), values.repetition(), values.frequency(), values.presence()),
            SamplerStage.topK(values.topK()),
            SamplerStage.topP(values.topP()),
            SamplerStage.minP(values.minP()),
            SamplerStage.temperature(values.temperature()));
    return values.greedy() ? Sampler.greedy() : stages;
  }

  /// What holds: an option, or else what the model says, or else the default.
  Values values(GenerationDefaults defaults) {
    boolean drawn =
        temperature.isPresent() || topK.isPresent() || topP.isPresent() || minP.isPresent();
    return new Values(
        greedy || (!drawn && !defaults.sampled().orElse(true)),
        temperature.or(defaults::temperature).orElse(0.8f),
        topK.or(defaults::topK).orElse(40),
        topP.or(defaults::topP).orElse(0.95f),
        minP.or(defaults::minP).orElse(0.05f),
        repetition.or(defaults::repetitionPenalty).orElse(1f),
        frequency,
        presence,
        lastN.or(defaults::penaltyLastN).orElse(64));
  }

  /// The numbers of a recipe.
  record Values(
      boolean greedy,
      float temperature,
      int topK,
      float topP,
      float minP,
      float repetition,
      float frequency,
      float presence,
      int lastN) {

    ObjectNode json() {
      return Json.object()
          .put("greedy", greedy)
          .put("temperature", temperature)
          .put("top_k", topK)
          .put("top_p", topP)
          .put("min_p", minP)
          .put("repeat_penalty", repetition)
          .put("frequency_penalty", frequency)
          .put("presence_penalty", presence)
          .put("penalty_last_n", lastN);
    }
  }

  /// What a model says, under the names of `generation_config.json`.
  static ObjectNode json(GenerationDefaults defaults) {
    ObjectNode json = Json.object();
    defaults.sampled().ifPresent(value -> json.put("do_sample", value));
    defaults.temperature().ifPresent(value -> json.put("temperature", value));
    defaults.topK().ifPresent(value -> json.put("top_k", value));
    defaults.topP().ifPresent(value -> json.put("top_p", value));
    defaults.minP().ifPresent(value -> json.put("min_p", value));
    defaults.repetitionPenalty().ifPresent(value -> json.put("repetition_penalty", value));
    defaults.penaltyLastN().ifPresent(value -> json.put("penalty_last_n", value));
    if (!defaults.endTokens().isEmpty()) {
      json.putPOJO("eos_token_id", defaults.endTokens());
    }
    return json;
  }
}
