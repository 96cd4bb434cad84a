package dev.inferno.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Intervention;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Comparisons of a model with what Hugging Face transformers computes: `hooks.safetensors` and
/// `edits.json` of a fixture.
public final class References {
  /// Points that no reference has.
  private static final String OURS = ".*(hook_result|hook_router_probs)";

  /// Arrays of the reference that are no points of ours.
  private static final String THEIRS = ".*(hook_tokens|hook_scores_raw|hook_v_all)";

  private References() {}

  /// Passes the reference's prompt and its greedy steps through a model: the same points, and each
  /// with the same values.
  public static void compareEveryPoint(Model model, Goldens hooks, double tolerance) {
    int[] tokens = Json.ints(Json.parse(hooks.metadata().getOrDefault("tokens", "")));
    int promptLength = hooks.array("hook_embed").dimension(0);
    var captured = new Captured("all");
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(captured);
      session.append(Arrays.copyOf(tokens, promptLength));
      for (int i = promptLength; i < tokens.length; i++) {
        assertThat(session.logits().argmax()).isEqualTo(tokens[i]);
        session.append(tokens[i]);
      }
    }

    assertThat(captured.events()).isEqualTo(captured.arrays().size());
    Set<String> points = without(OURS, captured.arrays().keySet());
    assertThat(points).isEqualTo(without(THEIRS, hooks.names()));
    for (String point : points) {
      Compare.close(point, captured.array(point), expected(point, hooks), tolerance);
    }
  }

  private static Set<String> without(String pattern, Set<String> names) {
    Set<String> others = new TreeSet<>(names);
    others.removeIf(name -> name.matches(pattern));
    return others;
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

  /// Passes the reference's tokens through a model with each of its edits: the same logits.
  ///
  /// @param arrays the vectors that the edits name, and the logits
  public static void compareEveryEdit(
      Model model, JsonNode edits, Goldens arrays, double tolerance) {
    assertThat(edits.get("edits")).hasSizeGreaterThanOrEqualTo(8);
    for (JsonNode edit : edits.get("edits")) {
      var captured = new Captured("logits");
      try (Session session = model.newSession(Prompts.EXACT)) {
        session.addListener(captured);
        interventions(edit, arrays, model).forEach(session::intervene);
        session.append(Json.ints(edits.get("ids")));
      }
      String label = edit.get("name").asText();
      Compare.close(label, captured.array("logits"), arrays.floats(label + ".logits"), tolerance);
    }
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
