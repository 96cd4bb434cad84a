package dev.inferno.testing;

import dev.inferno.Model;
import dev.inferno.SessionOptions;
import dev.inferno.observe.Explanation.Verdict;
import dev.inferno.observe.Hook;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The points of a model.
public final class Hooks {
  private Hooks() {}

  /// Those that its architecture has, in the order of the catalogue.
  public static List<Hook> of(Model model) {
    return Arrays.stream(Hook.values()).filter(hook -> has(model, hook.all())).toList();
  }

  /// The layers of a model that have a point, or -1 for a point outside the blocks.
  public static List<Integer> layers(Model model, Hook hook) {
    return hook.perLayer()
        ? IntStream.range(0, model.info().layers())
            .filter(layer -> has(model, hook.layer(layer)))
            .boxed()
            .toList()
        : List.of(-1);
  }

  private static boolean has(Model model, Point point) {
    return model
            .explain(ObservationPlan.of(point), 1, 1, SessionOptions.defaults())
            .points()
            .getFirst()
            .verdict()
        != Verdict.IMPOSSIBLE;
  }

  /// Those of the bundled model.
  public static List<Hook> ofTheTinyModel() throws IOException {
    try (Model tiny = Model.load(Fixtures.copied("models/inferno-tiny/inferno-tiny-q8_0.gguf"))) {
      return of(tiny);
    }
  }

  /// How many events one forward pass has if every point is watched.
  public static int events(Model model) {
    return of(model).stream().mapToInt(hook -> layers(model, hook).size()).sum();
  }
}
