package dev.inferno.cli;

import dev.inferno.sampler.Sampler;
import dev.inferno.sampler.SamplerStage;
import picocli.CommandLine.Option;

/// How a token is chosen. The stages act in a fixed order: penalties, top-k, top-p, min-p,
/// temperature.
final class SamplerOptions {
  @Option(
      names = "--temp",
      paramLabel = "T",
      description =
          "Temperature: 0 or more; below 1 sharper, above 1 flatter, 0 always the likeliest token."
              + " Default: ${DEFAULT-VALUE}.")
  private float temperature = 0.8f;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Keep the K likeliest tokens: 0 or more, 0 is off. Default: ${DEFAULT-VALUE}.")
  private int topK = 40;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Keep the likeliest tokens that together have probability P: 0 to 1, 1 is off."
              + " Default: ${DEFAULT-VALUE}.")
  private float topP = 0.95f;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description =
          "Keep tokens at least P times as likely as the likeliest: 0 to 1, 0 is off."
              + " Default: ${DEFAULT-VALUE}.")
  private float minP = 0.05f;

  @Option(
      names = "--repeat-penalty",
      paramLabel = "R",
      description =
          "Divide the positive logits of recent tokens by R, multiply the others: above 0, 1 is"
              + " off. Default: ${DEFAULT-VALUE}.")
  private float repetition = 1;

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
              + " Default: ${DEFAULT-VALUE}.")
  private int lastN = 64;

  @Option(
      names = "--greedy",
      description = "Always the likeliest token, whatever the options above say.")
  private boolean greedy;

  /// The recipe; every value is checked, also those that greedy makes idle.
  ///
  /// @throws IllegalArgumentException if a value is out of range
  Sampler sampler() {
    Sampler stages =
        Sampler.chain(
            SamplerStage.penalties(lastN, repetition, frequency, presence),
            SamplerStage.topK(topK),
            SamplerStage.topP(topP),
            SamplerStage.minP(minP),
            SamplerStage.temperature(temperature));
    return greedy ? Sampler.greedy() : stages;
  }
}
