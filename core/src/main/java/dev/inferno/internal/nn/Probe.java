package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;

/// The place where a model shows its values, and where they may be changed: `probe.at(RESID_PRE,
/// layer, x)`. Hands each segment's observer its own rows. With nobody looking a call costs one
/// look into a table per segment.
public final class Probe {
  private final Batch batch;

  /// The probe of a batch.
  public Probe(Batch batch) {
    this.batch = batch;
  }

  /// A point outside the blocks has its value.
  public void at(Hook hook, Rows rows) {
    at(hook, -1, rows);
  }

  /// A point of a layer has its value.
  public void at(Hook hook, int layer, Rows rows) {
    for (int s = 0; s < batch.segments().size(); s++) {
      Segment segment = batch.segments().get(s);
      if (segment.observer().wants(hook, layer)) {
        segment.observer().at(hook, layer, rows, segment);
      }
    }
  }
}
