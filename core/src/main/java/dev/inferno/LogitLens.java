package dev.inferno;

import dev.inferno.internal.kernels.Rows;
import dev.inferno.internal.nn.State;
import java.util.Arrays;

/// The logit lens: any vector of the residual stream, through the final norm and the output
/// projection, says which token the model leans to at that point.
/// <https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru/interpreting-gpt-the-logit-lens>
///
/// Of the residual stream behind the last block these are the model's own logits, to the bit for a
/// single row. Made by {@link Model#lens}. Thread-safe; it may be used in a listener's callbacks.
public final class LogitLens {
  private final Model model;

  LogitLens(Model model) {
    this.model = model;
  }

  /// The logits of a vector of the residual stream.
  ///
  /// @param residual `[M]`, such as a row of {@link dev.inferno.observe.Hook#RESID_POST}
  /// @return `[V]`
  /// @throws IllegalArgumentException if the vector is not as long as the model is wide
  /// @throws IllegalStateException if the model is closed
  public float[] logits(float[] residual) {
    int width = model.info().width();
    if (residual.length != width) {
      throw new IllegalArgumentException(
          "a vector of the residual stream has %d numbers, but this has %d"
              .formatted(width, residual.length));
    }
    model.borrow();
    try {
      State state = model.takeState();
      try {
        var x = new Rows(1, width).resize(1, 0);
        System.arraycopy(residual, 0, x.data(), 0, width);
        var logits = new Rows(1, model.info().vocabulary());
        model.architecture().unembed(x, logits, state);
        return Arrays.copyOf(logits.data(), model.info().vocabulary());
      } finally {
        model.giveBack(state);
      }
    } finally {
      model.giveBack();
    }
  }
}
