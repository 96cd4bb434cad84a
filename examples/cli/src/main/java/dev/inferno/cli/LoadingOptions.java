package dev.inferno.cli;

import dev.inferno.LoadOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import picocli.CommandLine.Option;

/// What is computed with: adapters beside the weights of the model, rounded activations.
final class LoadingOptions {
  @Option(
      names = "--lora",
      paramLabel = "PATH[=SCALE]",
      description =
          "Compute with a LoRA adapter beside the weights: a GGUF file as llama.cpp's"
              + " convert_lora_to_gguf.py writes it, or a folder as PEFT saves it"
              + " (adapter_config.json and adapter_model.safetensors). SCALE is what its change is"
              + " multiplied by, any number; 1 if there is none. A path that is there is taken whole,"
              + " also if it has a = in its name. May be given several times, and adds up.")
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
      options = with(options, adapter);
    }
    return options;
  }

  private static LoadOptions with(LoadOptions options, String adapter) {
    Path whole = Path.of(adapter);
    int sign = adapter.lastIndexOf('=');
    if (sign < 0 || Files.exists(whole)) {
      return options.lora(whole, 1);
    }
    Path path = Path.of(adapter.substring(0, sign));
    OptionalDouble scale = number(adapter.substring(sign + 1));
    if (scale.isPresent()) {
      return options.lora(path, (float) scale.getAsDouble());
    }
    if (Files.exists(path)) {
      throw new IllegalArgumentException(
          "--lora must be PATH or PATH=SCALE with a number, but is '%s'".formatted(adapter));
    }
    return options.lora(whole, 1); // which is not there, as loading will say
  }

  private static OptionalDouble number(String text) {
    try {
      return OptionalDouble.of(Float.parseFloat(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
