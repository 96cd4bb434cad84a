package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;
import java.util.List;

/// What a block does behind attention, with each row by itself.
public interface FeedForward {
  /// Feeds every row of `x` forward into `out`.
  void apply(int layer, Rows x, Rows out, State state, Probe probe);

  /// The maps from the neurons to the residual stream: one, or in a mixture one of each expert.
  List<Linear> downs();

  /// Adds the buffers that only this kind needs.
  default State prepare(State state) {
    return state;
  }
}
