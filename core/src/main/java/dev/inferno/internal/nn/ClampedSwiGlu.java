package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// The expert of gpt-oss, `down(gate(x) * sigmoid(1.702 gate(x)) * (up(x) + 1))`: its gate is close
/// to GELU, and is cut off above {@link #LIMIT}, up beyond it on both sides.
/// <https://arxiv.org/abs/2508.10925>
///
/// @param gateUp gate and up in one product, `[2 * feed-forward, width]`, the gate first
/// @param down `[width, feed-forward]`
public record ClampedSwiGlu(Linear gateUp, Linear down, Kernels kernels) implements Expert {
  /// What gate and up are cut off at.
  public static final float LIMIT = 7;

  private static final float STEEPNESS = 1.702f;

  @Override
  public Rows inner(Rows x, Rows gateUp, Rows hidden) {
    this.gateUp.apply(x, gateUp);
    hidden.resize(x.rows(), x.longRows());
    if (hidden.rows() <= Rows.SHORT_SEGMENT) {
      activate(gateUp, hidden, 0, hidden.rows());
    } else {
      RowBlocks.share(
          hidden.rows(), hidden.threads(), (from, to) -> activate(gateUp, hidden, from, to));
    }
    return hidden;
  }

  /// As `g sigmoid(a g) = silu(a g) / a`, it is a SwiGLU of other numbers.
  private void activate(Rows gateUp, Rows hidden, int from, int to) {
    int width = hidden.width();
    for (int row = from; row < to; row++) {
      int gate = row * 2 * width;
      int up = gate + width;
      for (int i = 0; i < width; i++) {
        float g = Math.min(gateUp.data()[gate + i], LIMIT);
        hidden.data()[row * width + i] = STEEPNESS * g;
      }
      for (int i = up; i < up + width; i++) {
        float u = Math.max(-LIMIT, Math.min(LIMIT, gateUp.data()[i]));
        gateUp.data()[i] = (u + 1) / STEEPNESS;
      }
      kernels.swiglu(hidden.data(), row * width, gateUp.data(), up, width);
    }
  }
}
