package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.observe.Patch;
import dev.inferno.observe.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One prompt's stream put into another run: where does the answer live?
public class PatchFromAnotherRun {
  public static void main(String[] args) throws Exception {
    Point point = Hook.RESID_POST.layer(5).lastPosition();
    List<Patch> kept = new ArrayList<>();
    try (Model model = Model.load(Path.of(args[0]))) {
      try (Session france = model.newSession()) {
        france.observe(point, a -> kept.add(Patch.of(a)));
        france.append(model.tokenizer().encode("The capital of France is").ids());
      }
      try (Session italy = model.newSession()) {
        italy.intervene(point.patch(kept.getFirst()));
        italy.append(model.tokenizer().encode("The capital of Italy is").ids());
        System.out.println("Italy's is" + model.tokenizer().decode(italy.logits().argmax()));
      }
    }
  }
}
