package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// One tensor in the file's own blocks, and how some of its rows are multiplied. Immutable.
///
/// @param format the kernel set's twin of the format
record Matrix(BlockFormat format, MemorySegment data, int rows, int columns) {
  /// The width of a panel, the rows of the matrix that are decoded together.
  static final int PANEL = 32;

  /// How many columns are decoded at a time: the largest block.
  private static final int CHUNK = 256;

  /// How many columns of a panel lie in memory at once; 256 KB, which a second-level cache holds.
  private static final int PANEL_COLUMNS = 2048;

  /// How many rows are decoded before they are turned into columns of the panel, and how far apart
  /// they lie meanwhile: not a power of two, which would put all of them in the same cache sets.
  private static final int BAND = 16;

  private static final int BAND_STRIDE = CHUNK + 16;

  private long offset(int row, int column) {
    return format.type().bytes((long) row * columns + column);
  }

  /// Decodes a row.
  void decode(int row, float[] out, int at) {
    format.decode(data, offset(row, 0), out, at, columns);
  }

  /// The decode class: the product of rows `from` to `to` - 1 with rows `first` to `last` - 1 of x.
  /// Each sum has the bits that it would have alone.
  void multiplyShort(
      int from,
      int to,
      Rows x,
      int first,
      int last,
      Rows out,
      int outAt,
      Kernels kernels,
      Scratch scratch) {
    if (format.fused() && last - first <= 2 && columns % Kernels.PARTIAL_SUMS == 0) {
      for (int i = first; i < last; i++) { // the slice's blocks stay in the cache meanwhile
        dots(from, to, x.data(), i * columns, out.data(), i * out.width() + outAt);
      }
      return;
    }
    float[] chunk = scratch.band(CHUNK);
    float[] partial = scratch.partial((last - first) * Kernels.PARTIAL_SUMS);
    for (int row = from; row < to; row++) {
      Arrays.fill(partial, 0, (last - first) * Kernels.PARTIAL_SUMS, 0);
      for (int column = 0; column < columns; column += CHUNK) {
        int n = Math.min(CHUNK, columns - column);
        format.decode(data, offset(row, column), chunk, 0, n);
        for (int i = first; i < last; i++) {
          kernels.accumulate(
              chunk,
              0,
              x.data(),
              i * columns + column,
              n,
              partial,
              (i - first) * Kernels.PARTIAL_SUMS);
        }
      }
      for (int i = first; i < last; i++) {
        out.data()[i * out.width() + outAt + row] =
            kernels.total(partial, (i - first) * Kernels.PARTIAL_SUMS);
      }
    }
  }

  private void dots(int from, int to, float[] x, int xAt, float[] out, int outAt) {
    for (int row = from; row < to; row++) {
      out[outAt + row] = format.dot(data, offset(row, 0), x, xAt, columns);
    }
  }

  /// The prefill class: the product of rows `from` to `to` - 1, at most {@link #PANEL}, with the
  /// first `count` rows of x. Each block is decoded once, into a panel `[columns][PANEL]` that is
  /// used for all of x.
  void multiplyLong(
      int from, int to, Rows x, int count, Rows out, int outAt, Kernels kernels, Scratch scratch) {
    float[] panel = scratch.panel(PANEL * Math.min(columns, PANEL_COLUMNS));
    for (int column = 0; column < columns; column += PANEL_COLUMNS) {
      int k = Math.min(PANEL_COLUMNS, columns - column);
      for (int row = from; row < to; row += BAND) {
        decodeBand(row, Math.min(row + BAND, to), column, k, panel, row - from, scratch);
      }
      kernels.tile(
          x.data(),
          column,
          columns,
          count,
          panel,
          PANEL,
          k,
          out.data(),
          outAt + from,
          out.width(),
          to - from,
          column > 0);
    }
  }

  private void decodeBand(
      int from, int to, int firstColumn, int k, float[] panel, int panelAt, Scratch scratch) {
    float[] band = scratch.band(BAND * BAND_STRIDE);
    for (int column = 0; column < k; column += CHUNK) {
      int n = Math.min(CHUNK, k - column);
      for (int row = from; row < to; row++) {
        format.decode(data, offset(row, firstColumn + column), band, (row - from) * BAND_STRIDE, n);
      }
      for (int i = 0; i < n; i++) {
        int at = (column + i) * PANEL + panelAt;
        for (int row = 0; row < to - from; row++) {
          panel[at + row] = band[row * BAND_STRIDE + i];
        }
      }
    }
  }
}
