package dev.inferno.internal.kernels;

/// Rows of x rounded to 8 bits, each 32 columns with a scale of their own: `x = scale q`, q from
/// -127 to 127, as ggml's Q8_0 does. They grow as needed and are used again; for one thread at a
/// time while they are made.
final class RoundedRows {
  /// Columns that share a scale.
  static final int BLOCK = 32;

  /// Adding this leaves a small number's nearest integer, ties to even, in the lowest bits.
  static final float TO_INTEGER = 0x1.8p23f;

  /// What is smaller in a whole block counts as nothing, and could not be divided by.
  static final float SMALLEST = 0x1p-100f;

  private final int columns;
  private int[] pairs = {};
  private float[] scales = {};
  private float[] sums = {};
  private final int[] block = new int[BLOCK];

  /// Of so many columns, a multiple of 32.
  RoundedRows(int columns) {
    this.columns = columns;
  }

  /// Makes room for so many rows.
  void resize(int rows) {
    if (scales.length < rows * columns / BLOCK) {
      pairs = new int[rows * columns / 2];
      scales = new float[rows * columns / BLOCK];
      sums = new float[rows * columns / LaneFormat.SUM_COLUMNS];
    }
  }

  int columns() {
    return columns;
  }

  /// Two q each, in the lower and the upper 16 bits, `[rows, columns / 2]`: of eight columns the
  /// first four ints have columns j and j + 4, as a word of {@link LaneFormat} has them in its
  /// halves.
  int[] pairs() {
    return pairs;
  }

  /// Room for the q of one block while it is made.
  int[] block() {
    return block;
  }

  /// `[rows, columns / 32]`.
  float[] scales() {
    return scales;
  }

  /// The sums of `scale q` over each 16 columns, `[rows, columns / 16]`.
  float[] sums() {
    return sums;
  }
}
