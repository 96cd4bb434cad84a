package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.GgufVariant;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.HiddenStates;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import dev.inferno.testing.TinyModels;
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
  static List<String> architectures() {
    return TinyModels.BESIDE_LLAMA;
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
    try (Model model = TinyModels.load(name)) {
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
    try (Model model = TinyModels.load(name)) {
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
    try (Model model = TinyModels.load(name)) {
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

  @ParameterizedTest
  @MethodSource("architectures")
  void whatTheBranchesAddMakesUpTheResidualStream(String name) throws IOException {
    try (Model model = TinyModels.load(name);
        Session session = model.newSession(Prompts.EXACT)) {
      var captured = new Captured("all");
      session.addListener(captured);
      session.append(Prompts.ids(Prompts.of(goldens(name)).values().iterator().next()));
      float[] sum = captured.array(Hook.RESID_PRE.name(0)).clone();
      for (int layer = 0; layer < model.info().layers(); layer++) {
        add(sum, captured.array(Hook.ATTN_OUT.name(layer)));
        assertThat(captured.array(Hook.RESID_MID.name(layer))).isEqualTo(sum);
        add(sum, captured.array(Hook.MLP_OUT.name(layer)));
        assertThat(captured.array(Hook.RESID_POST.name(layer))).isEqualTo(sum);
      }
    }
  }

  private static void add(float[] sum, float[] branch) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += branch[i];
    }
  }

  @Test
  void scoresAreScaledAsTheFileSays(@TempDir Path folder) throws IOException {
    float[] plain = gemma2Logits(folder, 1 / Math.sqrt(32));
    assertThat(plain).isEqualTo(gemma2Logits(folder, -1));
    assertThat(gemma2Logits(folder, 0.1)).isNotEqualTo(plain);
  }

  private static float[] gemma2Logits(Path folder, double scale) throws IOException {
    var variant = GgufVariant.of(Fixtures.copied("arch/gemma2/model-f32.gguf"));
    if (scale > 0) {
      variant.set("gemma2.attention.scale", "f64", scale);
    }
    try (Model model = Model.load(variant.write(folder.resolve("scaled.gguf")))) {
      return Prompts.logits(model, new int[] {2, 7, 11, 40});
    }
  }

  @Test
  void aGpt2TakesNoMorePositionsThanItHasEmbeddingsFor() throws IOException {
    try (Model model = Model.load(Fixtures.copied("arch/gpt2/model-f32.gguf"))) {
      assertThatThrownBy(() -> model.newSession(SessionOptions.defaults().contextLength(65)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("contextLength must be at most 64")
          .hasMessageContaining("65");
      model.newSession(SessionOptions.defaults().contextLength(64)).close();
    }
  }
}
