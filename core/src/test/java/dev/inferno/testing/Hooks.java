package dev.inferno.testing;

import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Explanation.Verdict;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// The points of a model.
public final class Hooks {
  private Hooks() {}

  /// Those that its architecture has, in the order of the catalogue.
  public static List<Hook> of(Model model) {
    return Arrays.stream(Hook.values())
        .filter(hook ->
            model
                    .explain(ObservationPlan.of(hook.all()), 1, 1, SessionOptions.defaults())
                    .points()
                    .getFirst()
                    .verdict()
                != Verdict.IMPOSSIBLE)
        .toList();
  }

  /// Those of the bundled model.
  public static List<Hook> ofTheTinyModel() throws IOException {
    try (Model tiny = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      return of(tiny);
    }
  }

  /// How many events one forward pass has if every point is watched.
  public static int events(Model model) {
    return of(model).stream().mapToInt(hook -> hook.perLayer() ? model.info().layers() : 1).sum();
  }
}
