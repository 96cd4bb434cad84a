package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;

/// Arithmetic over groups of sixteen rows that lie side by side, see {@link LaneFormat}. Stateless
/// and thread-safe; nothing here allocates.
public interface LaneKernels {

  /// The scales of groups, one behind the other: `d[i * 16 + lane]` and `m[...]` of the i-th {@link
  /// LaneFormat#scaleColumns} columns, `value = d q + m`.
  ///
  /// @param group where the first group begins
  /// @param apart how far behind a group the next one begins
  void scales(
      LaneFormat format,
      MemorySegment lanes,
      long group,
      long apart,
      int groups,
      int columns,
      float[] d,
      float[] m);

  /// How many groups a product takes at once at most. The more they are, the more streams memory
  /// gives side by side; the fewer, the more of their scales stays in the cache.
  int TOGETHER = 4;

  /// How many columns {@link #product} may unpack at once.
  int PANEL_COLUMNS = 128;

  /// The room they take in two vectors of at most sixteen lanes, and the sums of four rows with
  /// them, at most one for each eight columns, and their results.
  int PANEL_FLOATS = 2 * 16 * (PANEL_COLUMNS + Rows.SHARING * (PANEL_COLUMNS / 8 + 1));

  /// The products of one to four groups with the rows of x of short segments: `out[outAt + r *
  /// outStride + 16 * g + lane]` for group g and the r-th of these rows. For each scale, sums of `q
  /// x`, of the columns in lower and in upper halves of words, are added up and multiplied by d;
  /// the sum of x times m is added. There is room for the results of as many groups as {@link
  /// #TOGETHER} says; those of groups that are not there are anything.
  ///
  /// @param cells where the first group's cells begin
  /// @param apart how far behind the cells of a group those of the next one begin
  /// @param d the scales of the groups, one behind the other, like `m`
  /// @param x with its sums, and arranged for lanes of this format
  /// @param panel room for {@link #PANEL_FLOATS}
  void product(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      long apart,
      int groups,
      int columns,
      float[] d,
      float[] m,
      Rows x,
      float[] out,
      int outAt,
      int outStride,
      float[] panel);

  /// Rounds the row of x at `xAt`, making it the row `row` of `out`.
  void round(float[] x, int xAt, RoundedRows out, int row);

  /// As {@link #product}, of the rows of short segments as {@link Rows#rounded} has them. For each
  /// scale, whole numbers are added up exactly; `q x` is multiplied by both scales then.
  void roundedProduct(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      long apart,
      int groups,
      int columns,
      float[] d,
      float[] m,
      Rows x,
      float[] out,
      int outAt,
      int outStride);

  /// Decodes columns of a group: `panel[panelAt + column * panelWidth + lane]`, the very numbers of
  /// the format's own decode, but for the sign of a zero, which no sum shows.
  ///
  /// @param cells where the first of them begin, a multiple of 32
  /// @param scale the index of the first scale
  void panel(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      int columns,
      float[] d,
      float[] m,
      int scale,
      float[] panel,
      int panelAt,
      int panelWidth);

  /// The sums of each 16 columns of a row of x: four sums that take turns, added up.
  static void sums(float[] x, int xAt, int columns, float[] sums, int sumsAt) {
    for (int i = 0; i < columns; i += LaneFormat.SUM_COLUMNS) {
      int at = xAt + i;
      float a = x[at] + x[at + 4] + x[at + 8] + x[at + 12];
      float b = x[at + 1] + x[at + 5] + x[at + 9] + x[at + 13];
      float c = x[at + 2] + x[at + 6] + x[at + 10] + x[at + 14];
      float e = x[at + 3] + x[at + 7] + x[at + 11] + x[at + 15];
      sums[sumsAt++] = (a + b) + (c + e);
    }
  }
}
