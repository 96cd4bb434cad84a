package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;

/// The gated feed-forward `down(gelu(gate(x)) * up(x))`. <https://arxiv.org/abs/2002.05202>
///
/// @param gateUp gate and up in one product, `[2 * feed-forward, width]`, the gate first
/// @param down `[width, feed-forward]`
public record GeGlu(Linear gateUp, Linear down, Kernels kernels) {

  /// Feeds every row of `x` forward into `out`.
  public void apply(int layer, Rows x, Rows out, State state, Probe probe) {
    probe.at(Hook.MLP_IN, layer, x);
    gateUp.apply(x, state.gateUp);

    Rows hidden = state.hidden().resize(x.rows(), x.longRows());
    int width = hidden.width();
    probe.at(Hook.MLP_PRE, layer, state.gateUp, 0, width);
    probe.at(Hook.MLP_PRE_LINEAR, layer, state.gateUp, width, width);
    for (int row = 0; row < x.rows(); row++) {
      int gate = row * 2 * width;
      System.arraycopy(state.gateUp.data(), gate, hidden.data(), row * width, width);
      kernels.gelu(hidden.data(), row * width, width);
      kernels.multiply(hidden.data(), row * width, state.gateUp.data(), gate + width, width);
    }
    probe.at(Hook.MLP_POST, layer, hidden);
    down.apply(hidden, out);
    probe.at(Hook.MLP_RAW_OUT, layer, out);
  }
}
