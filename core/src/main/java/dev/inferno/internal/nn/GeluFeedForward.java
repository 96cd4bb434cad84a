package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// The plain feed-forward `down(gelu(up(x)))`.
///
/// @param up `[feed-forward, width]`
/// @param down `[width, feed-forward]`
public record GeluFeedForward(Linear up, Linear down, Kernels kernels) {

  /// Feeds every row of `x` forward into `out`.
  public void apply(Rows x, Rows out, State state) {
    up.apply(x, state.up);

    Rows hidden = state.hidden().resize(x.rows(), x.longRows());
    int size = x.rows() * hidden.width();
    System.arraycopy(state.up.data(), 0, hidden.data(), 0, size);
    kernels.gelu(hidden.data(), 0, size);
    down.apply(hidden, out);
  }
}
