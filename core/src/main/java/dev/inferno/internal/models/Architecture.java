package dev.inferno.internal.models;

import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.State;

/// A model that can pass a batch through itself. Immutable and thread-safe; each forward pass has
/// its own state.
public interface Architecture {

  /// Passes the rows of a batch through the model: their keys and values go to the segments'
  /// caches, the logits of sampled rows to the segments.
  void forward(Batch batch, State state, Probe probe);

  /// The sizes of its attention, the same in every layer.
  Attention.Heads heads();

  /// How many positions it has embeddings for; without any limit where positions are computed.
  default int positions() {
    return Integer.MAX_VALUE;
  }

  /// Buffers for a forward pass.
  State newState();
}
