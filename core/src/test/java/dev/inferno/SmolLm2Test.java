package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.Perplexity;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A real model of 135 million parameters in 4 bits, against Hugging Face transformers over the
/// dequantized weights in float32.
@Tag("models")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SmolLm2Test {
  private JsonNode goldens;
  private Goldens arrays;
  private Model model;

  @BeforeAll
  void load() throws IOException {
    goldens = Json.read(Fixtures.shared("fixtures/smollm2/goldens.json"));
    arrays = Goldens.read(Fixtures.shared("fixtures/smollm2/goldens.safetensors"));
    model = Model.load(Fixtures.shared("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
  }

  @AfterAll
  void close() {
    model.close();
  }

  /// Logits of this model reach from about -20 to 30.
  @ParameterizedTest
  @CsvSource({"F16, 0.02", "Q8_0, 0.6"})
  void aRoundedCacheMovesNoLogitByMoreThanThis(KeyValueType type, float tolerance) {
    JsonNode prompt = goldens.required("prompts").get(0);
    SessionOptions rounded = SessionOptions.defaults().keyValueType(type);
    try (Session exact = model.newSession(Prompts.EXACT);
        Session session = model.newSession(rounded)) {
      exact.append(Prompts.ids(prompt));
      session.append(Prompts.ids(prompt));
      for (int step = 0; step < 20; step++) {
        float[] expected = exact.logits().copy();
        Compare.close("logits of step " + step, session.logits().copy(), expected, tolerance);
        int next = Compare.argmax(expected);
        exact.append(next);
        session.append(next);
      }
    }
  }

  @Test
  void greedyGenerationGivesTheGoldenTokensAsFarAsTheyAreClear() {
    for (JsonNode prompt : goldens.required("prompts")) {
      List<Integer> expected =
          Prompts.clear(prompt.required("greedy"), prompt.required("greedy_gaps"), 0.02);
      try (Session session = model.newSession(Prompts.EXACT)) {
        Generation generation =
            session.generate(
                Prompts.ids(prompt),
                GenerationOptions.defaults()
                    .sampler(Sampler.greedy())
                    .ignoreEndOfText()
                    .maxTokens(expected.size()));
        assertThat(generation.ids()).as("%s", prompt.required("key")).isEqualTo(expected);
        assertThat(expected).hasSizeGreaterThan(20);
      }
    }
  }

  @Test
  void theLikeliestTokenIsTheReferencesAtNinetyNineOfAHundredPositions() {
    int same = 0;
    int positions = 0;
    int vocabulary = model.info().vocabulary();
    for (Map.Entry<String, JsonNode> prompt : Prompts.of(goldens).entrySet()) {
      float[] logits = Prompts.logits(model, Prompts.ids(prompt.getValue()));
      Goldens.Golden top = arrays.array(prompt.getKey() + ".top_ids");
      int rows = top.dimension(0);
      for (int row = 0; row < rows; row++) {
        float[] of = Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
        same += Compare.argmax(of) == (int) top.row(row)[0] ? 1 : 0;
        positions++;
      }
      float[] last = Arrays.copyOfRange(logits, (rows - 1) * vocabulary, rows * vocabulary);
      Compare.close(
          prompt.getKey(),
          last,
          arrays.floats(prompt.getKey() + ".last_logits"),
          tolerance("logits_abs"));
    }
    assertThat(positions).isGreaterThan(500);
    assertThat(same).as("of %d positions", positions).isGreaterThanOrEqualTo(positions * 99 / 100);
  }

  @Test
  void hiddenStatesAndAttentionOfTheLastPositionEqualTheReference() {
    int layers = model.info().layers();
    int width = model.info().width();
    for (Map.Entry<String, JsonNode> prompt : Prompts.of(goldens).entrySet()) {
      String key = prompt.getKey();
      float[] hidden = new float[(layers + 2) * width];
      float[][] attention = new float[layers][];
      try (Session session = model.newSession(Prompts.EXACT)) {
        session.observe(Hook.EMBED.all().lastPosition(), a -> put(a.tensor().copy(), hidden, 0));
        session.observe(
            Hook.RESID_POST.allLayers().lastPosition(),
            a -> put(a.tensor().copy(), hidden, a.layer().orElseThrow() + 1));
        session.observe(Hook.FINAL_NORM.all(), a -> put(a.tensor().copy(), hidden, layers + 1));
        session.observe(
            Hook.PATTERN.allLayers().lastPosition(),
            a -> attention[a.layer().orElseThrow()] = a.tensor().copy());
        session.append(Prompts.ids(prompt.getValue()));
      }
      Goldens.Golden expected = arrays.array(key + ".last_hidden");
      for (int i = 0; i < layers + 2; i++) {
        float[] row = Arrays.copyOfRange(hidden, i * width, (i + 1) * width);
        double size = largest(expected.row(i));
        Compare.close(
            key + " hidden " + i, row, expected.row(i), tolerance("hidden_relative") * size);
      }
      for (int layer = 0; layer < layers; layer++) {
        Compare.close(
            key + " attention " + layer,
            attention[layer],
            arrays.array(key + ".last_attn").row(layer),
            tolerance("attention_abs"));
      }
    }
  }

  private double tolerance(String name) {
    return goldens.required("tolerance").required(name).asDouble();
  }

  private static void put(float[] row, float[] rows, int index) {
    System.arraycopy(row, 0, rows, index * row.length, row.length);
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Test
  void perplexityIsTheReferences() {
    int[] ids = Json.ints(goldens.at("/perplexity/ids"));
    var perplexity = new Perplexity(ids);
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(perplexity);
      session.append(ids);
    }
    assertThat(perplexity.tokens()).isEqualTo(ids.length - 1);
    double expected = goldens.at("/perplexity/value").asDouble();
    assertThat(perplexity.value()).isCloseTo(expected, within(0.005 * expected));
  }
}
