package dev.inferno.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// The prompt of a generation passed through the model: its step 0, without the choice of a token.
@Name("dev.inferno.Prefill")
@Label("Prefill")
@Description("The prompt of a generation passed through the model")
@Category("Inferno")
@Enabled(false)
@StackTrace(false)
@SuppressWarnings("unused") // the recorder reads the fields
public final class PrefillEvent extends Event {
  private static final PrefillEvent DISABLED = new PrefillEvent();

  @Label("Model")
  private String model = "";

  @Label("First Position")
  private int firstPosition;

  @Label("Tokens")
  private int tokens;

  @Label("Forward Time")
  @Timespan(Timespan.NANOSECONDS)
  private long forwardNanos;

  @Label("Tokens per Second")
  private double tokensPerSecond;

  private PrefillEvent() {}

  /// The pass begins.
  public static PrefillEvent start() {
    if (!DISABLED.isEnabled()) {
      return DISABLED;
    }
    var event = new PrefillEvent();
    event.begin();
    return event;
  }

  /// The pass is done.
  public void finish(String model, int firstPosition, int tokens, long forwardNanos) {
    if (this == DISABLED) {
      return;
    }
    this.model = model;
    this.firstPosition = firstPosition;
    this.tokens = tokens;
    this.forwardNanos = forwardNanos;
    this.tokensPerSecond = Rate.perSecond(tokens, forwardNanos);
    commit();
  }
}
