package dev.inferno.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;

/// The inside of a model against a reference's arrays, see the README of the fixtures.
public final class HiddenStates {
  private HiddenStates() {}

  /// One pass over a prompt gives the input of the first block, the output and attention of every
  /// block, the final norm and the logits that the arrays `KEY.*` have; of a reference that shows
  /// nothing but its logits, these.
  ///
  /// @param tolerance has `logits_abs` and, of a reference that shows its inside, `hidden_abs` and
  ///   `attention_abs`
  public static void equalTheReference(
      Model model, String key, int[] ids, Goldens arrays, JsonNode tolerance) {
    var captured = new Captured("all");
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(captured);
      session.append(ids);
    }
    if (tolerance.has("hidden_abs")) {
      insideEqualsTheReference(captured, model.info().layers(), key, arrays, tolerance);
    }
    Compare.close(
        key + " logits",
        captured.array("logits"),
        arrays.floats(key + ".logits"),
        tolerance.required("logits_abs").asDouble());
  }

  private static void insideEqualsTheReference(
      Captured captured, int layers, String key, Goldens arrays, JsonNode tolerance) {
    double hidden = tolerance.required("hidden_abs").asDouble();
    double attention = tolerance.required("attention_abs").asDouble();
    Compare.close(
        key + " input of block 0",
        captured.array(Hook.RESID_PRE.name(0)),
        arrays.floats(key + ".embed"),
        hidden);
    for (int layer = 0; layer < layers; layer++) {
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
  }
}
