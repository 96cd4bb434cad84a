package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Compare;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.HiddenStates;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every tiny model beside the tests, as a folder and as a GGUF file, against what the reference
/// computes with it, see the README of the fixtures.
class TinyArchitecturesTest {
  static List<String> models() throws IOException {
    return FixtureModels.tiny();
  }

  private static JsonNode goldens(String name) {
    return Json.read(FixtureModels.folder(name).resolve("goldens.json"));
  }

  private static Goldens arrays(String name) {
    Path file = FixtureModels.folder(name).resolve("goldens.safetensors");
    return Goldens.read(file);
  }

  @ParameterizedTest
  @MethodSource("models")
  void hiddenStatesAttentionAndLogitsEqualTheReference(String name) throws IOException {
    JsonNode goldens = goldens(name);
    Goldens arrays = arrays(name);
    try (Model model = FixtureModels.load(name)) {
      Prompts.of(goldens)
          .forEach((key, prompt) ->
              HiddenStates.equalTheReference(
                  model, key, Prompts.ids(prompt), arrays, goldens.required("tolerance")));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void cachedStepsEqualTheFullPass(String name) throws IOException {
    JsonNode goldens = goldens(name);
    Goldens arrays = arrays(name);
    double tolerance = goldens.at("/tolerance/logits_abs").asDouble();
    int shortText = goldens.path("short_text").asInt(0); // whose positions are turned otherwise
    try (Model model = FixtureModels.load(name)) {
      int from = shortText * model.info().vocabulary();
      Prompts.of(goldens)
          .forEach((key, prompt) ->
              Compare.close(
                  name + " " + key,
                  behind(from, Prompts.cachedLogits(model, Prompts.ids(prompt))),
                  behind(from, arrays.floats(key + ".logits")),
                  tolerance));
    }
  }

  private static float[] behind(int from, float[] logits) {
    return Arrays.copyOfRange(logits, Math.min(from, logits.length), logits.length);
  }

  @ParameterizedTest
  @MethodSource("models")
  void greedyGenerationGivesTheGoldenTokens(String name) throws IOException {
    try (Model model = FixtureModels.load(name)) {
      for (JsonNode prompt : Prompts.of(goldens(name)).values()) {
        int[] expected = Json.ints(prompt.required("greedy"));
        assertThat(greedy(model, Prompts.ids(prompt), expected.length)).isEqualTo(expected);
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
}
