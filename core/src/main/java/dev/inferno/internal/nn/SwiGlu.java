package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;
import dev.inferno.observe.Hook;
import java.util.List;

/// The gated feed-forward `down(silu(gate(x)) * up(x))`. <https://arxiv.org/abs/2002.05202>
///
/// @param gateUp gate and up in one product, `[2 * feed-forward, width]`, the gate first
/// @param down `[width, feed-forward]`
public record SwiGlu(Linear gateUp, Linear down, Kernels kernels) implements FeedForward, Expert {

  @Override
  public void apply(int layer, Rows x, Rows out, State state, Probe probe) {
    probe.at(Hook.MLP_IN, layer, x);
    gateUp.apply(x, state.gateUp);
    Rows hidden = state.hidden().resize(x.rows(), x.longRows());
    probe.at(Hook.MLP_PRE, layer, state.gateUp, 0, hidden.width());
    probe.at(Hook.MLP_PRE_LINEAR, layer, state.gateUp, hidden.width(), hidden.width());
    activate(state.gateUp, hidden);
    probe.at(Hook.MLP_POST, layer, hidden);
    down.apply(hidden, out);
    probe.at(Hook.MLP_RAW_OUT, layer, out);
  }

  @Override
  public Rows inner(Rows x, Rows gateUp, Rows hidden) {
    this.gateUp.apply(x, gateUp);
    hidden.resize(x.rows(), x.longRows());
    activate(gateUp, hidden);
    return hidden;
  }

  @Override
  public List<Linear> downs() {
    return List.of(down);
  }

  private void activate(Rows gateUp, Rows hidden) {
    if (hidden.rows() <= Rows.SHORT_SEGMENT) {
      activate(gateUp, hidden, 0, hidden.rows());
    } else {
      RowBlocks.share(
          hidden.rows(), hidden.threads(), (from, to) -> activate(gateUp, hidden, from, to));
    }
  }

  private void activate(Rows gateUp, Rows hidden, int from, int to) {
    int width = hidden.width();
    for (int row = from; row < to; row++) {
      int gate = row * 2 * width;
      System.arraycopy(gateUp.data(), gate, hidden.data(), row * width, width);
      kernels.swiglu(hidden.data(), row * width, gateUp.data(), gate + width, width);
    }
  }
}
