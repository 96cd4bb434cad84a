package dev.inferno.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A model was loaded.
@Name("dev.inferno.Load")
@Label("Model Load")
@Description("A model was loaded")
@Category("Inferno")
@Enabled(false)
@StackTrace(false)
@SuppressWarnings("unused") // the recorder reads the fields
public final class LoadEvent extends Event {
  private static final LoadEvent DISABLED = new LoadEvent();

  @Label("Model")
  private String model = "";

  @Label("Architecture")
  private String architecture = "";

  @Label("Quantization")
  private String quantization = "";

  @Label("Size")
  @DataAmount
  private long sizeBytes;

  @Label("Parameters")
  private long parameters;

  private LoadEvent() {}

  /// Loading begins.
  public static LoadEvent start() {
    if (!DISABLED.isEnabled()) {
      return DISABLED;
    }
    var event = new LoadEvent();
    event.begin();
    return event;
  }

  /// Loading is done.
  public void finish(
      String model, String architecture, String quantization, long sizeBytes, long parameters) {
    if (this == DISABLED) {
      return;
    }
    this.model = model;
    this.architecture = architecture;
    this.quantization = quantization;
    this.sizeBytes = sizeBytes;
    this.parameters = parameters;
    commit();
  }
}
