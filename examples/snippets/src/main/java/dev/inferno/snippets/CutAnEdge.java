package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import java.nio.file.Path;

/// Nobody may look at the name: does the model still know it?
public class CutAnEdge {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]))) {
      int[] ids = model.tokenizer().encode("There was a small robot named Gizmo. Every day,").ids();
      int name = 0; // the position of Gizmo
      while (!model.tokenizer().decode(ids[name]).equals(" Gizmo")) {
        name++;
      }
      for (boolean cut : new boolean[] {false, true}) {
        try (Session session = model.newSession()) {
          if (cut) {
            session.intervene(Hook.SCORES.allLayers().cut(name));
          }
          session.append(ids);
          System.out.println(
              (cut ? "cut:" : "whole:") + model.tokenizer().decode(session.logits().argmax()));
        }
      }
    }
  }
}
