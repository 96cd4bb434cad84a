package dev.inferno.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// A generation ended or failed.
@Name("dev.inferno.Generation")
@Label("Generation")
@Description("A generation ended or failed")
@Category("Inferno")
@Enabled(false)
@StackTrace(false)
@SuppressWarnings("unused") // the recorder reads the fields
public final class GenerationEvent extends Event {
  private static final GenerationEvent DISABLED = new GenerationEvent();

  @Label("Model")
  private String model = "";

  @Label("Prompt Tokens")
  private int promptTokens;

  @Label("Generated Tokens")
  private int generatedTokens;

  @Label("Prefill Time")
  @Timespan(Timespan.NANOSECONDS)
  private long prefillNanos;

  @Label("Decode Time")
  @Timespan(Timespan.NANOSECONDS)
  private long decodeNanos;

  @Label("Decoded Tokens per Second")
  private double tokensPerSecond;

  @Label("Reason")
  @Description("Why it ended, or FAILED")
  private String reason = "";

  private GenerationEvent() {}

  /// The generation begins.
  public static GenerationEvent start() {
    if (!DISABLED.isEnabled()) {
      return DISABLED;
    }
    var event = new GenerationEvent();
    event.begin();
    return event;
  }

  /// The generation is over.
  ///
  /// @param decodeSteps how many tokens passed through the model after the prompt
  public void finish(
      String model,
      int promptTokens,
      int generatedTokens,
      long prefillNanos,
      long decodeNanos,
      int decodeSteps,
      String reason) {
    if (this == DISABLED) {
      return;
    }
    this.model = model;
    this.promptTokens = promptTokens;
    this.generatedTokens = generatedTokens;
    this.prefillNanos = prefillNanos;
    this.decodeNanos = decodeNanos;
    this.tokensPerSecond = Rate.perSecond(decodeSteps, decodeNanos);
    this.reason = reason;
    commit();
  }
}
