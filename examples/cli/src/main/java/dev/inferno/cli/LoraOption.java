package dev.inferno.cli;

import dev.inferno.LoadOptions;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/// Adapters beside the weights of the model.
final class LoraOption {
  @Option(
      names = "--lora",
      paramLabel = "FILE[=SCALE]",
      description =
          "Compute with a LoRA adapter beside the weights: a GGUF file as llama.cpp's"
              + " convert_lora_to_gguf.py writes it. SCALE is what its change is multiplied by, any"
              + " number; 1 if there is none. May be given several times, and adds up.")
  private List<String> adapters = List.of();

  /// The options of loading with the adapters.
  LoadOptions options() {
    LoadOptions options = LoadOptions.defaults();
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
