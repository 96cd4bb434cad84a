package dev.inferno.internal.quant;

import java.util.Arrays;

/// The search for the scale of a group of 16, for `value = scale q` with q from -4 to 3: what Q3_K
/// does for each of its groups.
///
/// It begins with the q that map the value of the largest magnitude to -4. Then each value in turn
/// takes the q that suits the scale of all others best, if the weighted error falls by that, up to
/// five times round the group; the weight of a value is its square. This is ggml's
/// `make_q3_quants`, and it sums in the same order, so that it decides alike to the last bit.
final class DescentSearch {
  static final int LENGTH = 16;
  private static final int MOST = 4;
  private static final int ROUNDS = 5;

  private DescentSearch() {}

  /// The integer nearest to a number, from -4 to 3.
  static int quant(float x) {
    return Math.clamp(Rounding.wrapped(x), -MOST, MOST - 1);
  }

  /// Returns the scale of the group that begins at `values[at]`, and writes the integers that go
  /// with it, raised by 4, to `quants[to]` and on; all 0 for a group of zeros.
  static float run(float[] values, int at, int[] quants, int to) {
    float farthest = Range.farthest(values, at, LENGTH);
    if (Math.abs(farthest) < LinearSearch.NOTHING) {
      Arrays.fill(quants, to, to + LENGTH, 0);
      return 0;
    }
    float inverse = -MOST / farthest;
    float products = 0;
    float squares = 0;
    for (int i = 0; i < LENGTH; i++) {
      float x = values[at + i];
      int q = quant(inverse * x);
      quants[to + i] = q;
      products += x * x * x * q;
      squares += x * x * q * q;
    }
    boolean changed = true;
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (int i = 0; i < LENGTH; i++) {
        float x = values[at + i];
        int q = quants[to + i];
        float otherProducts = products - x * x * x * q;
        float otherSquares = squares - x * x * q * q;
        int better = otherProducts > 0 ? quant(x * otherSquares / otherProducts) : q;
        float newProducts = otherProducts + x * x * x * better;
        float newSquares = otherSquares + x * x * better * better;
        if (better != q
            && newSquares > 0
            && newProducts * newProducts * squares > products * products * newSquares) {
          quants[to + i] = better;
          products = newProducts;
          squares = newSquares;
          changed = true;
        }
      }
    }
    for (int i = to; i < to + LENGTH; i++) {
      quants[i] += MOST;
    }
    return squares > 0 ? products / squares : 0;
  }
}
