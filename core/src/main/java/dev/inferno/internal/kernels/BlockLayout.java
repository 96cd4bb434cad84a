package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One tensor in the file's own blocks, and how some of its rows are multiplied. Immutable.
///
/// @param format the kernel set's twin of the format
record BlockLayout(BlockFormat format, MemorySegment data, int rows, int columns)
    implements Layout {

  /// How many columns are decoded at a time: the largest block.
  private static final int CHUNK = 256;

  /// How many columns of a panel lie in memory at once; 256 KB, which a second-level cache holds.
  private static final int PANEL_COLUMNS = 2048;

  /// How many rows of a chunk become columns of the panel one after the other: a cache line of each
  /// column, and few enough for the first-level cache.
  private static final int BAND = 16;

  /// How many rows are decoded at a time in the decode class, so few that they stay in the
  /// first-level cache with their x, and how far apart they lie: not a power of two, which would
  /// put all of them in the same cache sets.
  private static final int SHORT_BAND = 8;

  private static final int BAND_STRIDE = CHUNK + 16;

  /// Where a row's column lies, the first of its block.
  long offset(int row, int column) {
    return format.type().bytes((long) row * columns + column);
  }

  @Override
  public void decode(int row, float[] out, int at) {
    format.decode(data, offset(row, 0), out, at, columns);
  }

  @Override
  public void multiplyShort(
      int from, int to, Rows x, Rows out, int outAt, Kernels kernels, Scratch scratch) {
    int first = x.longRows();
    int count = x.rows() - first;
    if (format instanceof FusedProduct fused && count == 1 && columns % Kernels.PARTIAL_SUMS == 0) {
      multiplyOne(fused, from, to, x, first, out, outAt, kernels, scratch);
      return;
    }
    int chunk = evenChunk();
    float[] band = scratch.band(SHORT_BAND * BAND_STRIDE);
    float[] partial = scratch.partial(count * SHORT_BAND * Kernels.PARTIAL_SUMS);
    for (int row = from; row < to; row += SHORT_BAND) {
      int n = Math.min(SHORT_BAND, to - row);
      int sums = count * n;
      Arrays.fill(partial, 0, sums * Kernels.PARTIAL_SUMS, 0);
      for (int column = 0; column < columns; column += chunk) {
        int k = Math.min(chunk, columns - column);
        decodeBand(row, row + n, column, k, band);
        kernels.accumulate(
            band, BAND_STRIDE, n, x.data(), first * columns + column, columns, count, k, partial);
      }
      for (int i = 0; i < sums; i++) {
        out.data()[(first + i / n) * out.width() + outAt + row + i % n] =
            kernels.total(partial, i * Kernels.PARTIAL_SUMS);
      }
    }
  }

  private void multiplyOne(
      FusedProduct fused,
      int from,
      int to,
      Rows x,
      int i,
      Rows out,
      int outAt,
      Kernels kernels,
      Scratch scratch) {
    float[] partial = scratch.partial((to - from) * Kernels.PARTIAL_SUMS);
    int xAt = i * columns;
    int quarter = (to - from) / FusedProduct.ROWS; // of each quarter a row at a time
    long stride = format.type().bytes((long) quarter * columns);
    int partialStride = quarter * Kernels.PARTIAL_SUMS;
    float[] scaled = scratch.band(columns);
    @Nullable ScaledProduct scaling =
        fused instanceof ScaledProduct each && each.scale(x.data(), xAt, columns, scaled)
            ? each
            : null;
    for (int row = 0; row < quarter; row++) {
      int at = row * Kernels.PARTIAL_SUMS;
      long offset = offset(from + row, 0);
      if (scaling == null
          || !scaling.scaledProducts(
              data, offset, stride, scaled, columns, partial, at, partialStride)) {
        fused.products(data, offset, stride, x.data(), xAt, columns, partial, at, partialStride);
      }
    }
    for (int row = from + FusedProduct.ROWS * quarter; row < to; row++) {
      int at = (row - from) * Kernels.PARTIAL_SUMS;
      fused.product(data, offset(row, 0), x.data(), xAt, columns, partial, at);
    }
    for (int row = from; row < to; row++) {
      out.data()[i * out.width() + outAt + row] =
          kernels.total(partial, (row - from) * Kernels.PARTIAL_SUMS);
    }
  }

  @Override
  public void multiplyLong(
      int from, int to, RowTiles x, Rows out, int outAt, Kernels kernels, Scratch scratch) {
    float[] panel = scratch.panel(PANEL * Math.min(columns, PANEL_COLUMNS));
    for (int column = 0; column < columns; column += PANEL_COLUMNS) {
      int k = Math.min(PANEL_COLUMNS, columns - column);
      for (int row = from; row < to; row += BAND) {
        packBand(row, Math.min(row + BAND, to), column, k, panel, row - from, scratch);
      }
      x.multiply(panel, column, k, out, outAt + from, to - from, kernels, scratch);
    }
  }

  /// How many columns to decode at a time so that all chunks are about equally long.
  private int evenChunk() {
    int chunks = (columns + CHUNK - 1) / CHUNK;
    int unit = Math.max(format.type().blockSize(), Kernels.PARTIAL_SUMS);
    return ((columns + chunks - 1) / chunks + unit - 1) / unit * unit;
  }

  /// Decodes k columns of some rows, at most {@link #CHUNK}.
  private void decodeBand(int from, int to, int column, int k, float[] band) {
    for (int row = from; row < to; row++) {
      format.decode(data, offset(row, column), band, (row - from) * BAND_STRIDE, k);
    }
  }

  /// Decodes k columns of at most {@link #BAND} rows, which become columns of the panel.
  private void packBand(
      int from, int to, int firstColumn, int k, float[] panel, int panelAt, Scratch scratch) {
    float[] decoded = scratch.band(CHUNK);
    for (int column = 0; column < k; column += CHUNK) {
      int n = Math.min(CHUNK, k - column);
      for (int row = from; row < to; row++) {
        format.decode(data, offset(row, firstColumn + column), decoded, 0, n);
        int at = column * PANEL + panelAt + row - from;
        for (int i = 0; i < n; i++) {
          panel[at + i * PANEL] = decoded[i];
        }
      }
    }
  }
}
