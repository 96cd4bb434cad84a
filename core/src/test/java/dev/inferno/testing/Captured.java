package dev.inferno.testing;

import dev.inferno.ModelInfo;
import dev.inferno.observe.Activation;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.StepListener;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// A listener that copies every activation of a plan. The events of the prompt's chunks and of the
/// tiles of logits are put one behind the other; step n has the prefix `step.n.`.
public final class Captured implements StepListener {
  private final String names;
  private final Map<String, float[]> arrays = new LinkedHashMap<>();
  private final Map<String, int[]> shapes = new LinkedHashMap<>();
  private int events;

  /// Captures the points of these names, see {@link ObservationPlan#parse}, at every position.
  public Captured(String names) {
    this.names = names;
  }

  @Override
  public ObservationPlan plan(ModelInfo model) {
    return ObservationPlan.of(
        ObservationPlan.parse(names, model).points().stream()
            .map(point -> point.everyPosition())
            .toArray(dev.inferno.observe.Point[]::new));
  }

  @Override
  public void onActivation(Activation activation) {
    events++;
    String prefix = activation.step() == 0 ? "" : "step." + activation.step() + ".";
    float[] values = activation.tensor().copy();
    arrays.merge(prefix + activation.name(), values, Captured::joined);
    shapes.put(prefix + activation.name(), activation.tensor().shape());
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /// Everything, by name.
  public Map<String, float[]> arrays() {
    return arrays;
  }

  /// The values of one name.
  public float[] array(String name) {
    float[] array = arrays.get(name);
    if (array == null) {
      throw new AssertionError("no event for " + name + "; there were " + arrays.keySet());
    }
    return array;
  }

  /// The shape of the last event of one name.
  public int[] shape(String name) {
    int[] shape = shapes.get(name);
    if (shape == null) {
      throw new AssertionError("no event for " + name);
    }
    return shape;
  }

  /// How many events there were.
  public int events() {
    return events;
  }
}
