package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Interventions;
import java.nio.file.Path;

/// Edits from a text, and back.
public class EditsAsJson {
  private static final String EDITS =
      """
      {"edits": [
        {"op": "zero", "point": "blocks.5.attn.hook_z", "heads": [3]},
        {"op": "clamp", "point": "blocks.6.mlp.hook_post", "min": -1, "max": 1}
      ]}
      """;

  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      Interventions.parse(EDITS).forEach(session::intervene);
      session.append(model.tokenizer().encode("The capital of France is").ids());
      System.out.println(model.tokenizer().decode(session.logits().argmax()));
      System.out.println(Interventions.toJson(Interventions.parse(EDITS)));
    }
  }
}
