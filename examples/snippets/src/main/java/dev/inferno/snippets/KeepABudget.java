package dev.inferno.snippets;

import dev.inferno.GenerationOptions;
import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.StepListener;
import java.nio.file.Path;

/// A plan that would deliver too much is refused before the run.
public class KeepABudget {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]));
        Session session = model.newSession()) {
      session.addListener(
          new StepListener() {
            @Override
            public ObservationPlan plan(ModelInfo info) {
              return ObservationPlan.of(Hook.PATTERN.allLayers()).within(100_000);
            }
          });
      session.generate("Once upon a time", GenerationOptions.defaults().maxTokens(400));
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
    }
  }
}
