package dev.inferno.cli;

import dev.inferno.LoadOptions;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/// What is computed with: adapters beside the weights of the model, rounded activations.
final class LoadingOptions {
  @Option(
      names = "--lora",
      paramLabel = "FILE[=SCALE]",
      description =
          "Compute with a LoRA adapter beside the weights: a GGUF file as llama.cpp's"
              + " convert_lora_to_gguf.py writes it. SCALE is what its change is multiplied by, any"
              + " number; 1 if there is none. May be given several times, and adds up.")
  private List<String> adapters = List.of();

  @Option(
      names = "--round-activations",
      description =
          "Round to 8 bits what matrices of 4 to 6 bits multiply, in all but prompts of more than"
              + " 16 tokens, as llama.cpp always does: faster, and less exact.")
  private boolean round;

  /// Whether activations are rounded.
  boolean isRounding() {
    return round;
  }

  /// The options of loading.
  LoadOptions options() {
    LoadOptions options = LoadOptions.defaults();
    if (round) {
      options = options.roundedActivations();
    }
    for (String adapter : adapters) {
      int sign = adapter.lastIndexOf('=');
      String file = sign < 0 ? adapter : adapter.substring(0, sign);
      options =
          options.lora(Path.of(file), sign < 0 ? 1 : scale(adapter, adapter.substring(sign + 1)));
    }
    return options;
  }

  private static float scale(String adapter, String text) {
    try {
      return Float.parseFloat(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--lora must be FILE or FILE=SCALE with a number, but is '%s'".formatted(adapter), e);
    }
  }
}
