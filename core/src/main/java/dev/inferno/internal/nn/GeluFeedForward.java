package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;

/// The plain feed-forward `down(gelu(up(x)))`.
///
/// @param up `[feed-forward, width]`
/// @param down `[width, feed-forward]`
public record GeluFeedForward(Linear up, Linear down, Kernels kernels) {

  /// Feeds every row of `x` forward into `out`.
  public void apply(int layer, Rows x, Rows out, State state, Probe probe) {
    probe.at(Hook.MLP_IN, layer, x);
    up.apply(x, state.up);
    probe.at(Hook.MLP_PRE, layer, state.up);

    Rows hidden = state.hidden().resize(x.rows(), x.longRows());
    int size = x.rows() * hidden.width();
    System.arraycopy(state.up.data(), 0, hidden.data(), 0, size);
    kernels.gelu(hidden.data(), 0, size);
    probe.at(Hook.MLP_POST, layer, hidden);
    down.apply(hidden, out);
    probe.at(Hook.MLP_RAW_OUT, layer, out);
  }
}
