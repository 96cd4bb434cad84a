package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Layout.PANEL;

import java.util.Arrays;

/// The rows of x of long segments, arranged for the register tiles of a product: `height` rows at a
/// time, column by column, so that a tile reads its x from one place in memory in rising order.
/// Read row by row, rows that lie a power of two apart would keep each other out of the cache.
/// Behind the whole tiles is a smaller one where it has room for the rest; rows that the last tile
/// lacks are zeros. It grows as needed and is used again: products that run one after the other can
/// share it. For one thread at a time, which may have others arrange tiles.
public final class RowTiles {
  /// Columns that are arranged at once, so that they stay in the first-level cache.
  private static final int BLOCK = 128;

  /// What first columns are added to.
  private static final float[] ZEROS = new float[PANEL];

  private int width;
  private float[] data = {};
  private int height = 1;
  private int rows;
  private int count;
  private int lastHeight;

  /// Makes room for so many rows of `width` columns.
  void resize(int rows, int width, Kernels kernels) {
    this.rows = rows;
    this.width = width;
    height = kernels.tileHeight();
    count = (rows + height - 1) / height;
    int last = rows - (count - 1) * height;
    lastHeight = last <= kernels.smallTileHeight() ? kernels.smallTileHeight() : height;
    int size = Math.multiplyExact((count - 1) * height + lastHeight, width);
    if (data.length < size) {
      data = new float[size];
    }
  }

  /// How many tiles there are.
  int count() {
    return count;
  }

  /// How many rows a tile has.
  int height(int tile) {
    return tile < count - 1 ? height : lastHeight;
  }

  /// The first row of x in a tile.
  int first(int tile) {
    return tile * height;
  }

  /// How many rows of x a tile has, the others being zeros.
  int rows(int tile) {
    return Math.min(height(tile), rows - first(tile));
  }

  /// `[tiles][width][height]`.
  float[] data() {
    return data;
  }

  /// Where a column of a tile begins.
  int at(int tile, int column) {
    return first(tile) * width + column * height(tile);
  }

  /// The product of some columns of all tiles with as many rows of a panel: `out[row][outAt + j]`
  /// for j below `columns`, added to what is there unless these are the first columns.
  ///
  /// @param panel `[k][Layout.PANEL]`; what it has beyond `columns` may be anything
  void multiply(
      float[] panel,
      int column,
      int k,
      Rows out,
      int outAt,
      int columns,
      Kernels kernels,
      Scratch scratch) {
    for (int tile = 0; tile < count; tile++) {
      int to = first(tile) * out.width() + outAt;
      int n = rows(tile);
      boolean isWhole = n == height(tile) && columns == PANEL;
      float[] sums = isWhole ? out.data() : scratch.partial(height * PANEL);
      int sumsAt = isWhole ? to : 0;
      int sumsStride = isWhole ? out.width() : PANEL;
      for (int row = 0; !isWhole && column > 0 && row < n; row++) {
        System.arraycopy(out.data(), to + row * out.width(), sums, row * PANEL, columns);
      }
      kernels.tile(
          data,
          at(tile, column),
          height(tile),
          panel,
          k,
          column > 0 ? sums : ZEROS,
          column > 0 ? sumsAt : 0,
          column > 0 ? sumsStride : 0,
          sums,
          sumsAt,
          sumsStride);
      for (int row = 0; !isWhole && row < n; row++) {
        System.arraycopy(sums, row * PANEL, out.data(), to + row * out.width(), columns);
      }
    }
  }

  /// Fills a tile.
  void arrange(float[] x, int tile) {
    int step = height(tile);
    int there = rows(tile);
    if (there < step) {
      Arrays.fill(data, at(tile, 0), at(tile, width), 0);
    }
    for (int column = 0; column < width; column += BLOCK) {
      int n = Math.min(BLOCK, width - column);
      for (int row = 0; row < there; row++) {
        int from = (first(tile) + row) * width + column;
        int to = at(tile, column) + row;
        for (int i = 0; i < n; i++) {
          data[to + i * step] = x[from + i];
        }
      }
    }
  }
}
