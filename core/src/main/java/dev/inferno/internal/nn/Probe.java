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
    at(hook, layer, rows, 0, rows.width());
  }

  /// A point of a layer has its value: `size` floats of each row, from the `from`-th on.
  public void at(Hook hook, int layer, Rows rows, int from, int size) {
    for (int s = 0; s < batch.segments().size(); s++) {
      Segment segment = batch.segments().get(s);
      if (segment.observer().wants(hook, layer)) {
        segment.observer().at(hook, layer, rows, from, size, segment);
      }
    }
  }

  /// Whether anybody watches or changes a point: what the model has no other use for need not be
  /// computed else.
  public boolean wants(Hook hook, int layer) {
    for (int s = 0; s < batch.segments().size(); s++) {
      if (batch.segments().get(s).observer().wants(hook, layer)) {
        return true;
      }
    }
    return false;
  }

  /// Whether anybody changes a point: what follows from it must then be computed from its values.
  public boolean edits(Hook hook, int layer) {
    for (int s = 0; s < batch.segments().size(); s++) {
      if (batch.segments().get(s).observer().edits(hook, layer)) {
        return true;
      }
    }
    return false;
  }
}
