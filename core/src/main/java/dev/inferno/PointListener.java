package dev.inferno;

import dev.inferno.observe.Activation;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.Point;
import dev.inferno.observe.StepListener;
import java.util.function.Consumer;

/// A listener for one point, see {@link Session#observe}. Messages call it what its consumer is.
record PointListener(Point point, Consumer<Activation> consumer) implements StepListener {
  @Override
  public ObservationPlan plan(ModelInfo model) {
    return ObservationPlan.of(point);
  }

  @Override
  public void onActivation(Activation activation) {
    consumer.accept(activation);
  }

  @Override
  public String name() {
    return consumer.getClass().getName();
  }
}
