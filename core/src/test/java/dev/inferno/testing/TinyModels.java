package dev.inferno.testing;

import dev.inferno.LoadOptions;
import dev.inferno.Model;
import dev.inferno.format.GgmlType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The tiny models of the fixtures, one per architecture.
public final class TinyModels {
  /// All but the llamas.
  public static final List<String> BESIDE_LLAMA =
      List.of(
          "qwen2", "qwen2-yarn", "qwen3", "olmo2", "phi3", "gemma2", "gpt2", "mistral", "mixtral");

  private TinyModels() {}

  /// The model of `arch/NAME`. That of Mistral has its sliding window, which the converter left
  /// out; that of GPT-2 has room for 200 positions, those beyond its own 64 embedded as zeros.
  public static Model load(String name) throws IOException {
    GgufVariant model = GgufVariant.of(Fixtures.copied("arch/" + name + "/model-f32.gguf"));
    switch (name) {
      case "mistral" -> model.set("llama.attention.sliding_window", "u32", 12L);
      case "gpt2" ->
          model
              .set("gpt2.context_length", "u32", 200L)
              .tensor("position_embd.weight", GgmlType.F32, 64L, 200L);
      default -> {}
    }
    Path file = Files.createTempFile(name, ".gguf");
    try {
      return Model.load(model.write(file), LoadOptions.defaults().copied());
    } finally {
      Files.delete(file);
    }
  }
}
