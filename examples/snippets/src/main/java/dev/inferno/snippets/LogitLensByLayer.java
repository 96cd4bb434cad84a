package dev.inferno.snippets;

import dev.inferno.LogitLens;
import dev.inferno.Model;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.sampler.LogitStatistics;
import java.nio.file.Path;

/// What the model leans to behind each layer.
public class LogitLensByLayer {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      LogitLens lens = model.lens();
      session.observe(
          Hook.RESID_POST.allLayers().lastPosition(),
          a -> {
            int best = LogitStatistics.of(lens.logits(a.tensor().copy())).topId(0);
            System.out.println(a.name() + " leans to" + model.tokenizer().decode(best));
          });
      session.append(model.tokenizer().encode("The capital of France is").ids());
    }
  }
}
