package dev.inferno.internal.observe;

import dev.inferno.observe.ListenerErrors;
import dev.inferno.observe.ListenerException;
import dev.inferno.observe.ObservationPlan;
import dev.inferno.observe.StepListener;
import java.lang.System.Logger.Level;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A listener that is registered with a session. Two of the same listener are not equal. For one
/// thread at a time, except {@link #failure}.
public final class Listening {
  private static final System.Logger LOG = System.getLogger("dev.inferno");

  private final StepListener listener;
  private final ObservationPlan plan;
  private final ListenerErrors errors;
  private volatile @Nullable ListenerException failure;

  Listening(StepListener listener, ObservationPlan plan, ListenerErrors errors) {
    this.listener = listener;
    this.plan = plan;
    this.errors = errors;
  }

  StepListener listener() {
    return listener;
  }

  String name() {
    return listener.name();
  }

  /// The points that it was granted.
  ObservationPlan plan() {
    return plan;
  }

  ListenerErrors errors() {
    return errors;
  }

  boolean isDetached() {
    return failure != null;
  }

  /// Notes and logs what an isolated listener threw: it is not to be called again.
  void detach(ListenerException thrown) {
    failure = thrown;
    LOG.log(Level.WARNING, "a listener is detached, and the generation goes on without it", thrown);
  }

  /// What the listener threw, if it is detached.
  public Optional<ListenerException> failure() {
    return Optional.ofNullable(failure);
  }
}
