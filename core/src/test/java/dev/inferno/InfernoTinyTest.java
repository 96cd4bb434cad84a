package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.HiddenStates;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The bundled model against its goldens, see its README.
class InfernoTinyTest {
  /// As far as a greedy continuation is compared: the best two logits are further apart.
  private static final double CLEAR = 5e-3;

  private static final Path FOLDER = Fixtures.copied("models/inferno-tiny");
  private static final JsonNode GOLDENS = Json.read(FOLDER.resolve("goldens.json"));
  private static final Goldens ARRAYS = Goldens.read(FOLDER.resolve("goldens.safetensors"));

  private static Model bundled() throws IOException {
    return Model.load(FOLDER.resolve("inferno-tiny-q8_0.gguf"));
  }

  private static Model original() throws IOException {
    return Model.load(Fixtures.shared("models/inferno-tiny/inferno-tiny-f32.gguf"));
  }

  @Test
  void theBundledFileGivesTheReferencesLogits() throws IOException {
    double tolerance = GOLDENS.at("/tolerance/logits_abs").asDouble();
    try (Model model = bundled()) {
      Prompts.of(GOLDENS)
          .forEach((key, prompt) -> {
            int[] ids = Prompts.ids(prompt);
            float[] expected = ARRAYS.floats("q8_0." + key + ".logits");
            Compare.close(key + " in one pass", Prompts.logits(model, ids), expected, tolerance);
            Compare.close(
                key + " in cached steps", Prompts.cachedLogits(model, ids), expected, tolerance);
          });
    }
  }

  @Test
  void theBundledFileContinuesAsTheReferenceDoes() throws IOException {
    try (Model model = bundled()) {
      Prompts.of(GOLDENS)
          .values()
          .forEach(prompt -> requireGreedy(model, prompt, "q8_0_greedy", "q8_0_greedy_gaps"));
    }
  }

  @Test
  @Tag("models")
  void hiddenStatesAttentionAndLogitsOfTheOriginalEqualTheReference() throws IOException {
    try (Model model = original()) {
      Prompts.of(GOLDENS)
          .forEach((key, prompt) ->
              HiddenStates.equalTheReference(
                  model, key, Prompts.ids(prompt), ARRAYS, GOLDENS.required("tolerance")));
    }
  }

  @Test
  @Tag("models")
  void theOriginalContinuesAsTheReferenceDoes() throws IOException {
    try (Model model = original()) {
      Prompts.of(GOLDENS)
          .values()
          .forEach(prompt -> requireGreedy(model, prompt, "greedy", "greedy_gaps"));
    }
  }

  private static void requireGreedy(Model model, JsonNode prompt, String greedy, String gaps) {
    List<Integer> expected = Prompts.clear(prompt.required(greedy), prompt.required(gaps), CLEAR);
    try (Session session = model.newSession(Prompts.EXACT)) {
      Generation generation =
          session.generate(
              Prompts.ids(prompt),
              GenerationOptions.defaults()
                  .sampler(Sampler.greedy())
                  .ignoreEndOfText()
                  .maxTokens(expected.size()));
      assertThat(expected).as("%s", prompt.required("key")).isNotEmpty();
      assertThat(generation.ids()).as("%s", prompt.required("key")).isEqualTo(expected);
    }
  }

  @Test
  void promptsBecomeTheIdsOfTheReferenceAndTheTextIsItsText() throws IOException {
    try (Model model = bundled()) {
      for (JsonNode prompt : GOLDENS.required("prompts")) {
        String text = prompt.required("text").asText();
        assertThat(model.tokenizer().encode(text).ids()).as(text).isEqualTo(Prompts.ids(prompt));
      }
      JsonNode once = GOLDENS.required("prompts").required(0);
      try (Session session = model.newSession(Prompts.EXACT)) {
        Generation generation =
            session.generate(
                once.required("text").asText(),
                GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(100));
        assertThat(generation.end()).isEqualTo(EndReason.EOS);
        assertThat(generation.text() + "<|endoftext|>")
            .isEqualTo(once.required("greedy_text").asText());
      }
    }
  }

  @Test
  void theCapitalOfFranceIsParis() throws IOException {
    try (Model model = bundled();
        Session session = model.newSession()) {
      session.append(model.tokenizer().encode("The capital of France is").ids());
      int best = session.logits().argmax();
      assertThat(model.tokenizer().decode(best)).isEqualTo(" Paris");
      assertThat(session.logits().probability(best)).isGreaterThan(0.99).isLessThanOrEqualTo(1);
    }
  }
}
