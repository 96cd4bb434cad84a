package dev.inferno.internal.models;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.Attention;
import dev.inferno.internal.nn.Batch;
import dev.inferno.internal.nn.Probe;
import dev.inferno.internal.nn.Readout;
import dev.inferno.internal.nn.Rope;
import dev.inferno.internal.nn.State;
import dev.inferno.observe.Hook;
import java.util.OptionalInt;
import java.util.Set;

/// A model that can pass a batch through itself. Immutable and thread-safe; each forward pass has
/// its own state.
public interface Architecture {

  /// Passes the rows of a batch through the model: their keys and values go to the segments'
  /// caches, the logits of sampled rows to the segments.
  void forward(Batch batch, State state, Probe probe);

  /// The logits that rows of the residual stream would have if the last block had left them:
  /// through the final norm and the output projection. Nobody looks on.
  ///
  /// @param x `[rows, width]`
  /// @param logits `[rows, vocabulary]`
  void unembed(Rows x, Rows logits, State state);

  /// The weights between heads, neurons and the logits.
  Readout readout();

  /// The sizes of its attention, the same in every layer.
  Attention.Heads heads();

  /// The points where it can be watched, in any layer.
  Set<Hook> hooks();

  /// The points of a layer, with those outside the blocks.
  default Set<Hook> hooks(int layer) {
    return hooks();
  }

  /// How many inner neurons a layer without experts has, where that is not what an expert has.
  default OptionalInt denseFeedForward() {
    return OptionalInt.empty();
  }

  /// How many positions a query of a layer sees, its own and those right before it; 0 for all.
  int window(int layer);

  /// What turns the queries and keys of a layer; in a model that embeds positions instead, {@link
  /// Rope#none}.
  Rope rope(int layer);

  /// The length of the longest text whose positions are turned as those of shorter ones are.
  default int shortText() {
    return rope(0).shortText();
  }

  /// The length of the longest text whose cached keys can move to other positions.
  default int longestMovable(int layers) {
    int longest = Integer.MAX_VALUE;
    for (int layer = 0; layer < layers; layer++) {
      longest = Math.min(longest, rope(layer).longestMovable());
    }
    return longest;
  }

  /// How many experts its mixture has, 0 if it is dense.
  default int experts() {
    return 0;
  }

  /// How many of them a row passes through.
  default int expertsUsed() {
    return 0;
  }

  /// How many positions it has embeddings for; without any limit where positions are computed.
  default int positions() {
    return Integer.MAX_VALUE;
  }

  /// Buffers for a forward pass.
  State newState();
}
