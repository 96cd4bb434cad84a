package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;

/// The plain feed-forward `down(activation(up(x)))`.
///
/// @param up `[feed-forward, width]`
/// @param down `[width, feed-forward]`
public record PlainFeedForward(Linear up, Activation activation, Linear down, Kernels kernels) {

  /// Feeds every row of `x` forward into `out`.
  public void apply(int layer, Rows x, Rows out, State state, Probe probe) {
    probe.at(Hook.MLP_IN, layer, x);
    up.apply(x, state.up);
    probe.at(Hook.MLP_PRE, layer, state.up);

    Rows hidden = state.hidden().resize(x.rows(), x.longRows());
    if (x.rows() <= Rows.SHORT_SEGMENT) {
      activate(state.up, hidden, 0, x.rows());
    } else {
      RowBlocks.share(
          x.rows(), hidden.threads(), (from, to) -> activate(state.up, hidden, from, to));
    }
    probe.at(Hook.MLP_POST, layer, hidden);
    down.apply(hidden, out);
    probe.at(Hook.MLP_RAW_OUT, layer, out);
  }

  private void activate(Rows up, Rows hidden, int from, int to) {
    int at = from * hidden.width();
    int size = (to - from) * hidden.width();
    System.arraycopy(up.data(), at, hidden.data(), at, size);
    activation.apply(kernels, hidden.data(), at, size);
  }
}
