package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Point;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The llama family against Hugging Face transformers in float32, see the README beside the
/// fixtures.
class LlamaGoldenTest {
  private static final SessionOptions EXACT =
      SessionOptions.defaults().keyValueType(KeyValueType.F32);

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void hiddenStatesAttentionAndLogitsEqualTheReference(String name) throws IOException {
    JsonNode goldens = Json.read(Fixtures.copied("arch/" + name + "/goldens.json"));
    Goldens arrays = Goldens.read(Fixtures.copied("arch/" + name + "/goldens.safetensors"));
    double hidden = goldens.at("/tolerance/hidden_abs").asDouble();
    double attention = goldens.at("/tolerance/attention_abs").asDouble();
    double logits = goldens.at("/tolerance/logits_abs").asDouble();
    assertThat(logits).isGreaterThan(0);

    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"))) {
      for (String key : List.of("p0", "p1", "p2")) {
        var captured = new Captured("all");
        try (Session session = model.newSession(EXACT)) {
          session.addListener(captured);
          session.append(Json.ints(prompt(goldens, key).get("ids")));
        }
        Compare.close(
            key + " embed", captured.array("hook_embed"), arrays.floats(key + ".embed"), hidden);
        for (int layer = 0; layer < model.info().layers(); layer++) {
          Compare.close(
              key + " block " + layer,
              captured.array(Hook.RESID_POST.name(layer)),
              arrays.floats(key + ".block." + layer),
              hidden);
          Compare.close(
              key + " attention " + layer,
              captured.array(Hook.PATTERN.name(layer)),
              arrays.array(key + ".attn").row(layer),
              attention);
        }
        Compare.close(
            key + " norm",
            captured.array("ln_final.hook_out"),
            arrays.floats(key + ".final_norm"),
            hidden);
        Compare.close(
            key + " logits", captured.array("logits"), arrays.floats(key + ".logits"), logits);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void cachedStepsEqualTheFullPass(String name) throws IOException {
    JsonNode goldens = Json.read(Fixtures.copied("arch/" + name + "/goldens.json"));
    Goldens arrays = Goldens.read(Fixtures.copied("arch/" + name + "/goldens.safetensors"));
    double tolerance = goldens.at("/tolerance/logits_abs").asDouble();
    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"));
        Session session = model.newSession(EXACT)) {
      int[] ids = Json.ints(prompt(goldens, "p0").get("ids"));
      for (int i = 0; i < ids.length; i++) {
        session.append(ids[i]);
        Compare.close(
            "row " + i, session.logits().copy(), arrays.array("p0.logits").row(i), tolerance);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void greedyGenerationGivesTheGoldenTokens(String name) throws IOException {
    JsonNode goldens = Json.read(Fixtures.copied("arch/" + name + "/goldens.json"));
    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"))) {
      for (String key : List.of("p0", "p1", "p2")) {
        int[] expected = Json.ints(prompt(goldens, key).get("greedy"));
        try (Session session = model.newSession(EXACT)) {
          Generation generation =
              session.generate(
                  Json.ints(prompt(goldens, key).get("ids")),
                  GenerationOptions.defaults()
                      .sampler(dev.inferno.sampler.Sampler.greedy())
                      .ignoreEndOfText()
                      .maxTokens(expected.length));
          assertThat(generation.ids())
              .as("%s of %s", key, name)
              .isEqualTo(Arrays.stream(expected).boxed().toList());
          assertThat(generation.end()).isEqualTo(EndReason.LENGTH);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void everyPointEqualsTheReferenceInThePromptAndInFourCachedSteps(String name) throws IOException {
    Goldens hooks = Goldens.read(Fixtures.copied("arch/" + name + "/hooks.safetensors"));
    int[] tokens = Json.ints(Json.parse(hooks.metadata().getOrDefault("tokens", "")));
    int promptLength = hooks.array("hook_embed").dimension(0);
    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"));
        Session session = model.newSession(EXACT)) {
      var captured = new Captured("all");
      session.addListener(captured);
      session.append(Arrays.copyOf(tokens, promptLength));
      for (int i = promptLength; i < tokens.length; i++) {
        assertThat(session.logits().argmax()).isEqualTo(tokens[i]);
        session.append(tokens[i]);
      }

      Set<String> points = new TreeSet<>(captured.arrays().keySet());
      assertThat(captured.events()).isEqualTo(points.size());
      points.removeIf(point -> point.endsWith(".hook_result")); // which the reference does not have
      assertThat(points).isEqualTo(pointsOf(hooks));
      for (String point : points) {
        Compare.close(point, captured.array(point), expected(point, hooks), 2e-4);
      }
    }
  }

  /// The points that the reference has, without those that are none of ours.
  private static Set<String> pointsOf(Goldens hooks) {
    Set<String> points = new TreeSet<>(hooks.names());
    points.removeIf(name -> name.matches(".*(hook_tokens|hook_scores_raw|hook_v_all)"));
    return points;
  }

  /// What the reference has for a point: masked scores are its most negative number, and the keys
  /// of a cached step those of the whole cache, of which the last are the step's own.
  private static float[] expected(String point, Goldens hooks) {
    float[] values = hooks.floats(point).clone();
    if (point.endsWith(".hook_attn_scores")) {
      for (int i = 0; i < values.length; i++) {
        values[i] = values[i] == -Float.MAX_VALUE ? Float.NEGATIVE_INFINITY : values[i];
      }
    }
    if (point.startsWith("step.") && point.endsWith(".hook_rot_k")) {
      int row = values.length / hooks.array(point).dimension(0);
      return Arrays.copyOfRange(values, values.length - row, values.length);
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void everyEditGivesTheReferencesLogits(String name) throws IOException {
    JsonNode edits = Json.read(Fixtures.copied("arch/" + name + "/edits.json"));
    Goldens arrays = Goldens.read(Fixtures.copied("arch/" + name + "/edits.safetensors"));
    int compared = 0;
    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"))) {
      for (JsonNode edit : edits.get("edits")) {
        try (Session session = model.newSession(EXACT)) {
          var captured = new Captured("logits");
          session.addListener(captured);
          Point point = point(edit, model);
          session.intervene(
              switch (edit.get("op").asText()) {
                case "zero" -> point.zero();
                case "scale" -> point.scale(edit.get("factor").floatValue());
                case "add" -> point.add(arrays.floats(edit.get("vector").asText()));
                case "cut" ->
                    point.positions(edit.get("query").intValue()).cut(edit.get("key").intValue());
                default -> throw new AssertionError(edit);
              });
          session.append(Json.ints(edits.get("ids")));
          String label = edit.get("name").asText();
          Compare.close(label, captured.array("logits"), arrays.floats(label + ".logits"), 3e-4);
          compared++;
        }
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(8);
  }

  private static Point point(JsonNode edit, Model model) {
    Point point =
        dev.inferno.observe.ObservationPlan.parse(edit.get("point").asText(), model.info())
            .points()
            .getFirst();
    if (edit.has("heads")) {
      point = point.heads(Json.ints(edit.get("heads")));
    }
    return edit.has("positions") ? point.positions(Json.ints(edit.get("positions"))) : point;
  }

  private static JsonNode prompt(JsonNode goldens, String key) {
    JsonNode prompts = goldens.get("prompts");
    if (prompts.isObject()) {
      return prompts.get(key);
    }
    for (JsonNode prompt : prompts) {
      if (prompt.get("key").asText().equals(key)) {
        return prompt;
      }
    }
    throw new AssertionError("no prompt " + key);
  }

  @Test
  void theReferenceCannotPassByAccident() throws IOException {
    Goldens arrays = Goldens.read(Fixtures.copied("arch/llama/goldens.safetensors"));
    float[] logits = arrays.floats("p0.logits");
    double most = 0;
    for (float logit : logits) {
      most = Math.max(most, Math.abs(logit));
    }
    assertThat(most).isGreaterThan(1);
  }
}
