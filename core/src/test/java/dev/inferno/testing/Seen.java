package dev.inferno.testing;

import dev.inferno.Model;
import dev.inferno.ModelInfo;
import dev.inferno.Session;
import dev.inferno.observe.Activation;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// An activation, copied.
public record Seen(
    String name,
    List<Integer> positions,
    List<Integer> heads,
    List<Integer> shape,
    List<Float> values,
    List<Float> indices) {

  /// A copy.
  public static Seen of(Activation activation) {
    return new Seen(
        activation.name(),
        list(activation.positions()),
        activation.heads(),
        list(activation.tensor().shape()),
        list(activation.tensor().copy()),
        activation.indices().map(view -> list(view.copy())).orElse(List.of()));
  }

  /// All activations that a plan of these points gives in one pass over a prompt.
  public static List<Seen> pass(Model model, int[] prompt, Point... points) {
    List<Seen> seen = new ArrayList<>();
    try (Session session = model.newSession(Prompts.EXACT)) {
      session.addListener(
          new StepListener() {
            @Override
            public ObservationPlan plan(ModelInfo info) {
              return ObservationPlan.of(points);
            }

            @Override
            public void onActivation(Activation activation) {
              seen.add(Seen.of(activation));
            }
          });
      session.append(prompt);
    }
    return seen;
  }

  /// The values as an array.
  public float[] floats() {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  private static List<Integer> list(int[] ints) {
    return Arrays.stream(ints).boxed().toList();
  }

  private static List<Float> list(float[] floats) {
    List<Float> list = new ArrayList<>();
    for (float value : floats) {
      list.add(value);
    }
    return list;
  }
}
