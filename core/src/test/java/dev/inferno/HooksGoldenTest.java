package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.testing.Captured;
import dev.inferno.testing.Compare;
import dev.inferno.testing.FixtureModels;
import dev.inferno.testing.Goldens;
import dev.inferno.testing.Json;
import dev.inferno.testing.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every point of every architecture against Hugging Face transformers, and what edits of them do.
@Tag("models")
class HooksGoldenTest {
  private static final double TOLERANCE = 3e-4;

  /// Points that no reference has.
  private static final String OURS = ".*(hook_result|hook_router_probs)";

  static List<String> models() throws IOException {
    return FixtureModels.namesWithHooks();
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyPointEqualsTheReferenceInThePromptAndInFourCachedSteps(String name) throws IOException {
    Goldens hooks = Goldens.read(FixtureModels.folder(name).resolve("hooks.safetensors"));
    int[] tokens = Json.ints(Json.parse(hooks.metadata().getOrDefault("tokens", "")));
    int promptLength = hooks.array("hook_embed").dimension(0);
    try (Model model = FixtureModels.load(name);
        Session session = model.newSession(Prompts.EXACT)) {
      var captured = new Captured("all");
      session.addListener(captured);
      session.append(Arrays.copyOf(tokens, promptLength));
      for (int i = promptLength; i < tokens.length; i++) {
        assertThat(session.logits().argmax()).isEqualTo(tokens[i]);
        session.append(tokens[i]);
      }

      Set<String> points = new TreeSet<>(captured.arrays().keySet());
      assertThat(captured.events()).isEqualTo(points.size());
      points.removeIf(point -> point.matches(OURS));
      assertThat(points).isEqualTo(pointsOf(hooks));
      for (String point : points) {
        Compare.close(point, captured.array(point), expected(point, hooks), TOLERANCE);
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
  @MethodSource("models")
  void everyEditGivesTheReferencesLogits(String name) throws IOException {
    JsonNode edits = Json.read(FixtureModels.folder(name).resolve("edits.json"));
    Goldens arrays = Goldens.read(FixtureModels.folder(name).resolve("edits.safetensors"));
    List<String> compared = new ArrayList<>();
    try (Model model = FixtureModels.load(name)) {
      for (JsonNode edit : edits.get("edits")) {
        try (Session session = model.newSession(Prompts.EXACT)) {
          var captured = new Captured("logits");
          session.addListener(captured);
          interventions(edit, arrays, model).forEach(session::intervene);
          session.append(Json.ints(edits.get("ids")));
          String label = edit.get("name").asText();
          Compare.close(
              label, captured.array("logits"), arrays.floats(label + ".logits"), TOLERANCE);
          compared.add(label);
        }
      }
    }
    assertThat(compared).hasSizeGreaterThanOrEqualTo(8);
  }

  private static List<Intervention> interventions(JsonNode edit, Goldens arrays, Model model) {
    List<Intervention> interventions = new ArrayList<>();
    for (Point named : ObservationPlan.parse(edit.get("point").asText(), model.info()).points()) {
      Point point = edit.has("heads") ? named.heads(Json.ints(edit.get("heads"))) : named;
      point = edit.has("positions") ? point.positions(Json.ints(edit.get("positions"))) : point;
      interventions.add(
          switch (edit.get("op").asText()) {
            case "zero" -> point.zero();
            case "scale" -> point.scale(edit.get("factor").floatValue());
            case "add" -> point.add(arrays.floats(edit.get("vector").asText()));
            case "cut" ->
                point.positions(edit.get("query").intValue()).cut(edit.get("key").intValue());
            default -> throw new AssertionError(edit);
          });
    }
    return interventions;
  }
}
