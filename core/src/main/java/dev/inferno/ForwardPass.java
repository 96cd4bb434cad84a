package dev.inferno;

import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.ForwardCancelled;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Segment;
import dev.inferno.internal.nn.State;
import java.util.List;
import java.util.function.BooleanSupplier;

/// Passes the rows of one or more sessions through a model. Used again for every pass; for one
/// thread at a time.
final class ForwardPass {
  private final Model model;
  private final Batch batch = new Batch();
  private final Probe probe = new Probe(batch);

  ForwardPass(Model model) {
    this.model = model;
  }

  /// @param segments prepared
  /// @param threads how many threads may work on it
  /// @param cancelled asked before each layer whether to stop
  /// @throws ForwardCancelled if it was cancelled; the caches hold rows of some layers
  void run(List<Segment> segments, int threads, BooleanSupplier cancelled) {
    State state = model.takeState();
    try {
      model.architecture().forward(batch.begin(segments, threads, cancelled), state, probe);
    } finally {
      batch.end();
      model.giveBack(state);
    }
  }
}
