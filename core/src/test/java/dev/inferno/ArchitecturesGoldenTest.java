package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.HiddenStates;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every architecture beside llama against Hugging Face transformers in float32, see the README
/// beside the fixtures.
class ArchitecturesGoldenTest {
  @TempDir Path folder;

  static List<String> architectures() {
    return List.of(
        "qwen2", "qwen2-yarn", "qwen3", "olmo2", "phi3", "gemma2", "gpt2", "mistral", "mixtral");
  }

  /// The converter leaves out Mistral's window; with it the file says what the reference knows.
  private Model load(String name) throws IOException {
    Path file = Fixtures.copied("arch/" + name + "/model-f32.gguf");
    if (!name.equals("mistral")) {
      return Model.load(file);
    }
    return Model.load(
        GgufVariant.of(file)
            .set("llama.attention.sliding_window", "u32", 12L)
            .write(folder.resolve("mistral.gguf")));
  }

  private static JsonNode goldens(String name) {
    return Json.read(Fixtures.copied("arch/" + name + "/goldens.json"));
  }

  private static Goldens arrays(String name) {
    return Goldens.read(Fixtures.copied("arch/" + name + "/goldens.safetensors"));
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void hiddenStatesAttentionAndLogitsEqualTheReference(String name) throws IOException {
    JsonNode goldens = goldens(name);
    Goldens arrays = arrays(name);
    try (Model model = load(name)) {
      Map<String, JsonNode> prompts = Prompts.of(goldens);
      assertThat(prompts).hasSize(3);
      prompts.forEach((key, prompt) ->
          HiddenStates.equalTheReference(
              model, key, Prompts.ids(prompt), arrays, goldens.required("tolerance")));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void cachedStepsEqualTheFullPass(String name) throws IOException {
    JsonNode goldens = goldens(name);
    Goldens arrays = arrays(name);
    double tolerance = goldens.at("/tolerance/logits_abs").asDouble();
    try (Model model = load(name)) {
      Prompts.of(goldens)
          .forEach((key, prompt) ->
              Compare.close(
                  name + " " + key,
                  Prompts.cachedLogits(model, Prompts.ids(prompt)),
                  arrays.floats(key + ".logits"),
                  tolerance));
    }
  }

  @ParameterizedTest
  @MethodSource("architectures")
  void greedyGenerationGivesTheGoldenTokens(String name) throws IOException {
    try (Model model = load(name)) {
      for (JsonNode prompt : Prompts.of(goldens(name)).values()) {
        assertThat(greedy(model, Prompts.ids(prompt), prompt.required("greedy").size()))
            .as("%s of %s", prompt.required("key"), name)
            .isEqualTo(Json.ints(prompt.required("greedy")));
      }
    }
  }

  private static int[] greedy(Model model, int[] ids, int tokens) {
    try (Session session = model.newSession(Prompts.EXACT)) {
      return session
          .generate(
              ids,
              GenerationOptions.defaults()
                  .sampler(Sampler.greedy())
                  .ignoreEndOfText()
                  .maxTokens(tokens))
          .ids()
          .stream()
          .mapToInt(Integer::intValue)
          .toArray();
    }
  }

  @Test
  void aMistralWhoseFileHasNoWindowSeesAllThatCameBefore() throws IOException {
    Goldens arrays = Goldens.read(Fixtures.copied("arch/mistral/llamacpp.safetensors"));
    JsonNode steps = Json.read(Fixtures.copied("arch/mistral/llamacpp.json")).required("greedy");
    try (Model model = Model.load(Fixtures.copied("arch/mistral/model-f32.gguf"))) {
      Prompts.of(goldens("mistral"))
          .forEach((key, prompt) -> {
            int[] ids = Prompts.ids(prompt);
            float[] expected = arrays.floats(key + ".logits");
            Compare.close(key, Prompts.logits(model, ids), expected, 2e-4);
            Compare.close(key, Prompts.cachedLogits(model, ids), expected, 2e-4);
            int[] greedy = Json.ints(steps.required(key));
            assertThat(greedy(model, ids, greedy.length)).isEqualTo(greedy);
          });
    }
  }
}
