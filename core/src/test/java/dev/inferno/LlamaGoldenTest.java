package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.Hook;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.References;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
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
    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"))) {
      Goldens hooks = Goldens.read(Fixtures.copied("arch/" + name + "/hooks.safetensors"));
      References.compareEveryPoint(model, hooks, 2e-4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void everyEditGivesTheReferencesLogits(String name) throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/" + name + "/model-f32.gguf"))) {
      JsonNode edits = Json.read(Fixtures.copied("arch/" + name + "/edits.json"));
      Goldens arrays = Goldens.read(Fixtures.copied("arch/" + name + "/edits.safetensors"));
      References.compareEveryEdit(model, edits, arrays, 3e-4);
    }
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
