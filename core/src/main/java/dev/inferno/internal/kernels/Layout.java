package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;

/// How one tensor's matrix lies in memory, and how some of its rows are multiplied. Immutable.
sealed interface Layout permits BlockLayout, LaneLayout {
  /// The width of a panel, the rows of the matrix that are decoded together.
  int PANEL = 32;

  /// The format that the file has it in.
  BlockFormat format();

  /// The length of a result.
  int rows();

  /// The length of a row.
  int columns();

  /// Decodes a row.
  void decode(int row, float[] out, int at);

  /// The decode class: the product of rows `from` to `to` - 1, `from` a multiple of 32, with the
  /// rows of x of short segments. Each sum has the bits that it would have alone.
  ///
  /// @param outAt where the results of the matrix's row 0 go in a row of `out`
  void multiplyShort(
      int from, int to, Rows x, Rows out, int outAt, Kernels kernels, Scratch scratch);

  /// The prefill class: the product of rows `from` to `to` - 1, at most {@link #PANEL} and `from` a
  /// multiple of it, with the rows of x of long segments. Each block is decoded once, into a panel
  /// `[columns][PANEL]` that is used for all of x.
  void multiplyLong(
      int from, int to, RowTiles x, Rows out, int outAt, Kernels kernels, Scratch scratch);
}
