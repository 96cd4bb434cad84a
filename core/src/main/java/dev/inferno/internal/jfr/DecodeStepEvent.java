package dev.inferno.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// A generated token passed through the model and the next one was chosen: a step of a generation
/// after step 0.
@Name("dev.inferno.DecodeStep")
@Label("Decode Step")
@Description("A generated token passed through the model and the next one was chosen")
@Category("Inferno")
@Enabled(false)
@StackTrace(false)
@SuppressWarnings("unused") // the recorder reads the fields
public final class DecodeStepEvent extends Event {
  private static final DecodeStepEvent DISABLED = new DecodeStepEvent();

  @Label("Model")
  private String model = "";

  @Label("Step")
  private int step;

  @Label("Position")
  private int position;

  @Label("Forward Time")
  @Timespan(Timespan.NANOSECONDS)
  private long forwardNanos;

  @Label("Sampling Time")
  @Timespan(Timespan.NANOSECONDS)
  private long samplingNanos;

  @Label("Tokens per Second")
  private double tokensPerSecond;

  private DecodeStepEvent() {}

  /// The step begins.
  public static DecodeStepEvent start() {
    if (!DISABLED.isEnabled()) {
      return DISABLED;
    }
    var event = new DecodeStepEvent();
    event.begin();
    return event;
  }

  /// The step is done.
  public void finish(String model, int step, int position, long forwardNanos, long samplingNanos) {
    if (this == DISABLED) {
      return;
    }
    this.model = model;
    this.step = step;
    this.position = position;
    this.forwardNanos = forwardNanos;
    this.samplingNanos = samplingNanos;
    this.tokensPerSecond = Rate.perSecond(1, forwardNanos + samplingNanos);
    commit();
  }
}
