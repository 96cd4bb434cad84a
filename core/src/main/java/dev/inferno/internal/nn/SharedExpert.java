package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import java.util.Optional;

/// The expert of a mixture that every row passes through, beside those that it chooses.
/// <https://arxiv.org/abs/2401.06066>
///
/// @param gate `[1, width]`; the expert counts by the sigmoid of what it gives. Empty if it counts
///   as it is
public record SharedExpert(SwiGlu feedForward, Optional<Linear> gate, Kernels kernels) {

  /// What the expert gives for every row of `x`, in a buffer of the state.
  Rows apply(Rows x, State state) {
    SharedExpertScratch scratch = state.sharedExpert();
    scratch.hidden.threads(x.threads());
    Rows hidden = feedForward.inner(x, scratch.gateUp, scratch.hidden);
    feedForward.down().apply(hidden, scratch.out);
    if (gate.isPresent()) {
      gate.get().apply(x, scratch.gate);
      int width = scratch.out.width();
      for (int row = 0; row < x.rows(); row++) {
        float share = (float) (1 / (1 + Math.exp(-scratch.gate.data()[row])));
        kernels.scale(scratch.out.data(), row * width, share, width);
      }
    }
    return scratch.out;
  }

  /// Buffers that it needs.
  SharedExpertScratch newScratch() {
    Linear down = feedForward.down();
    return new SharedExpertScratch(down.weight().rows(), down.weight().columns());
  }
}
