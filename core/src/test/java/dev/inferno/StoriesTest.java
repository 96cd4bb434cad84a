package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.HiddenStates;
import dev.inferno.testing.Json;
import dev.inferno.testing.Perplexity;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A trained llama of 260 thousand parameters with a SentencePiece vocabulary, in floats and in 8
/// bits, against Hugging Face transformers in float32.
@Tag("models")
class StoriesTest {
  private static JsonNode goldens() {
    return Json.read(Fixtures.shared("fixtures/stories260K/goldens.json"));
  }

  private static Goldens arrays() {
    return Goldens.read(Fixtures.shared("fixtures/stories260K/goldens.safetensors"));
  }

  private static Model model(String type) throws IOException {
    return Model.load(Fixtures.shared("fixtures/stories260K/stories260K-" + type + ".gguf"));
  }

  @Test
  void hiddenStatesAttentionAndLogitsEqualTheReference() throws IOException {
    JsonNode goldens = goldens();
    Goldens arrays = arrays();
    try (Model model = model("F32")) {
      Prompts.of(goldens)
          .forEach((key, prompt) ->
              HiddenStates.equalTheReference(
                  model, key, Prompts.ids(prompt), arrays, goldens.required("tolerance")));
    }
  }

  @Test
  void eightBitsGiveTheReferencesLogits() throws IOException {
    double tolerance = goldens().at("/tolerance/logits_abs").asDouble();
    Goldens arrays = arrays();
    try (Model model = model("Q8_0")) {
      Prompts.of(goldens())
          .forEach((key, prompt) -> {
            int[] ids = Prompts.ids(prompt);
            float[] expected = arrays.floats("Q8_0." + key + ".logits");
            Compare.close(key + " in one pass", Prompts.logits(model, ids), expected, tolerance);
            Compare.close(
                key + " in cached steps", Prompts.cachedLogits(model, ids), expected, tolerance);
          });
    }
  }

  @Test
  void bothTellTheReferencesStories() throws IOException {
    requireGreedy("F32", "greedy");
    requireGreedy("Q8_0", "q8_0_greedy");
  }

  private static void requireGreedy(String type, String greedy) throws IOException {
    try (Model model = model(type)) {
      for (JsonNode prompt : goldens().required("prompts")) {
        int[] expected = Json.ints(prompt.required(greedy));
        try (Session session = model.newSession(Prompts.EXACT)) {
          Generation generation =
              session.generate(
                  Prompts.ids(prompt),
                  GenerationOptions.defaults()
                      .sampler(Sampler.greedy())
                      .ignoreEndOfText()
                      .maxTokens(expected.length));
          assertThat(generation.ids().stream().mapToInt(Integer::intValue).toArray())
              .as("%s of %s", prompt.required("key"), type)
              .isEqualTo(expected);
        }
      }
    }
  }

  @Test
  void perplexityIsTheReferences() throws IOException {
    int[] ids = Json.ints(goldens().at("/perplexity/ids"));
    var perplexity = new Perplexity(ids);
    try (Model model = model("F32");
        Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(perplexity);
      session.append(ids);
    }
    double expected = goldens().at("/perplexity/value").asDouble();
    assertThat(perplexity.tokens()).isEqualTo(ids.length - 1);
    assertThat(perplexity.value()).isCloseTo(expected, within(1e-3 * expected));
  }
}
