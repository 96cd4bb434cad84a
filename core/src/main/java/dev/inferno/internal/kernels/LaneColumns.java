package dev.inferno.internal.kernels;

/// Rows of x as lanes are multiplied with: column by column in the order in which words hold them,
/// each as many times too small as the product takes its q too large. A q of four bits that lies
/// above eight other bits is taken as `2^8 q`, which costs one bit operation, and times `2^-8 x`
/// gives `q x` to the last bit; but for an x below `2^-100`, of which bits may be lost.
final class LaneColumns {
  private static final float[][] FACTORS = {
    {}, {}, {}, {}, factors(4), factors(5), factors(6), {}, factors(8)
  };

  private LaneColumns() {}

  /// The column, of 32, in the lower half of a word that is the `pair`-th; the one in the upper
  /// half is four further.
  static int lower(int pair) {
    return pair + (pair & ~3);
  }

  /// The factors of 32 columns, in the order of {@link #arrange}.
  private static float[] factors(int bits) {
    float[] factors = new float[LaneFormat.CELL];
    for (int pair = 0; pair < LaneFormat.CELL / 2; pair++) {
      factors[2 * pair] = factor(bits, pair, false);
      factors[2 * pair + 1] = factor(bits, pair, true);
    }
    return factors;
  }

  private static float factor(int bits, int pair, boolean upper) {
    int half = upper ? 16 : 0;
    int shift =
        switch (bits) {
          case 4 -> upper && pair % 4 == 3 ? 0 : half + 4 * (pair % 4);
          case 5 -> pair == 15 ? (upper ? 0 : 11) : half + 5 * (pair % 3);
          case 6 ->
              switch (pair % 8) {
                case 6 -> half + 4;
                case 7 -> upper ? 0 : 10;
                default -> half + 6 * (pair % 8 % 2);
              };
          default -> 24;
        };
    return 1f / (1 << shift);
  }

  /// Arranges a row for lanes of so many bits.
  ///
  /// @param apart how far apart two columns lie in `out`
  static void arrange(
      float[] x, int xAt, int columns, int bits, float[] out, int outAt, int apart) {
    float[] factors = FACTORS[bits];
    for (int cell = 0; cell < columns; cell += LaneFormat.CELL) {
      for (int i = 0; i < LaneFormat.CELL; i += 2) {
        int from = xAt + cell + lower(i / 2);
        int to = outAt + (cell + i) * apart;
        out[to] = x[from] * factors[i];
        out[to + apart] = x[from + 4] * factors[i + 1];
      }
    }
  }
}
