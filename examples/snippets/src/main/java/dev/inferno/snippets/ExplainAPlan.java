package dev.inferno.snippets;

import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import java.nio.file.Path;

/// What a plan costs, before it is run.
public class ExplainAPlan {
  public static void main(String[] args) throws Exception {
    try (Model model = Model.load(Path.of(args[0]))) {
      var plan =
          ObservationPlan.of(
              Hook.PATTERN.allLayers(),
              Hook.RESID_POST.allLayers().norm(),
              Hook.LOGITS.top(20),
              Hook.LOGITS.all().everyPosition());
      System.out.println(model.explain(plan, 100, 50, SessionOptions.defaults()));
    }
  }
}
