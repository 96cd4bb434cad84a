package dev.inferno.architecture;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/// Shows a type that it should not, in every way there is, and hides it in every way there is.
public class Leaky {
  /// Shown.
  public final Optional<MemorySegment> field = Optional.empty();

  private final MemorySegment hidden;

  /// Shown to subclasses.
  protected Leaky(MemorySegment hidden) {
    this.hidden = hidden;
  }

  /// Shown.
  public MemorySegment[] returned() {
    return new MemorySegment[] {hidden};
  }

  /// Shown.
  public void taken(List<? extends MemorySegment> segments) {
    segments.forEach(segment -> hidden.copyFrom(segment));
  }

  MemorySegment packagePrivate() {
    return hidden;
  }

  record Closed(MemorySegment segment) {}
}
