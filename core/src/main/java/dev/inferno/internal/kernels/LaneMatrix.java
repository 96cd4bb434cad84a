package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockFormat;
import java.lang.foreign.MemorySegment;

/// One tensor whose rows lie side by side in groups of sixteen, see {@link LaneFormat}; rows that
/// the last group lacks are zeros. Immutable.
///
/// @param format the format that the file has it in
/// @param lanes how it is rearranged
record LaneMatrix(BlockFormat format, LaneFormat lanes, MemorySegment data, int rows, int columns)
    implements Layout {
  private static final int ROWS = LaneFormat.ROWS;

  /// How many columns of a panel lie in memory at once; 256 KB, which a second-level cache holds.
  private static final int PANEL_COLUMNS = 2048;

  /// The bytes that a matrix takes.
  static long bytes(LaneFormat lanes, int rows, int columns) {
    return (rows + ROWS - 1L) / ROWS * lanes.groupBytes(columns);
  }

  /// Rearranges a matrix, with the whole team.
  ///
  /// @param blocks the matrix in the file's format
  /// @param data zeros, as many as {@link #bytes} says
  static LaneMatrix pack(Matrix blocks, LaneFormat lanes, MemorySegment data) {
    int groups = (blocks.rows() + ROWS - 1) / ROWS;
    long groupBytes = lanes.groupBytes(blocks.columns());
    Team.shared()
        .run(
            Integer.MAX_VALUE,
            groups,
            group -> {
              int end = Math.min(blocks.rows(), (group + 1) * ROWS);
              for (int row = group * ROWS; row < end; row++) {
                lanes.pack(
                    blocks.data(),
                    blocks.offset(row, 0),
                    blocks.columns(),
                    data,
                    group * groupBytes,
                    row - group * ROWS);
              }
            });
    return new LaneMatrix(blocks.format(), lanes, data, blocks.rows(), blocks.columns());
  }

  private long group(int row) {
    return row / ROWS * lanes.groupBytes(columns);
  }

  @Override
  public void decode(int row, float[] out, int at) {
    Scratch scratch = Scratch.ofThisThread();
    int scales = columns / lanes.scaleColumns * ROWS;
    float[] d = scratch.scales(scales);
    float[] m = scratch.minima(scales);
    new ScalarLanes().scales(lanes, data, group(row), columns, d, m);
    long cells = group(row) + lanes.scaleBytes(columns);
    int lane = row % ROWS;
    for (int column = 0; column < columns; column++) {
      long cell = cells + (long) (column / LaneFormat.CELL) * lanes.cellBytes();
      int scale = column / lanes.scaleColumns * ROWS + lane;
      out[at + column] =
          d[scale] * lanes.quant(data, cell, lane, column % LaneFormat.CELL) + m[scale];
    }
  }

  @Override
  public void multiplyShort(
      int from,
      int to,
      Rows x,
      int first,
      int last,
      Rows out,
      int outAt,
      Kernels kernels,
      Scratch scratch) {
    int scales = columns / lanes.scaleColumns * ROWS;
    float[] d = scratch.scales(scales);
    float[] m = scratch.minima(scales);
    int sumsStride = columns / 16;
    for (int row = from; row < to; row += ROWS) {
      kernels.lanes().scales(lanes, data, group(row), columns, d, m);
      boolean whole = row + ROWS <= to;
      float[] target = whole ? out.data() : scratch.partial((last - first) * ROWS);
      int targetAt = whole ? first * out.width() + outAt + row : 0;
      int targetStride = whole ? out.width() : ROWS;
      kernels
          .lanes()
          .product(
              lanes,
              data,
              group(row) + lanes.scaleBytes(columns),
              columns,
              d,
              m,
              x.data(),
              first * columns,
              columns,
              last - first,
              x.sums(),
              first * sumsStride,
              sumsStride,
              target,
              targetAt,
              targetStride);
      for (int i = first; !whole && i < last; i++) {
        System.arraycopy(
            target, (i - first) * ROWS, out.data(), i * out.width() + outAt + row, to - row);
      }
    }
  }

  @Override
  public void multiplyLong(
      int from, int to, Rows x, int count, Rows out, int outAt, Kernels kernels, Scratch scratch) {
    float[] panel = scratch.panel(PANEL * Math.min(columns, PANEL_COLUMNS));
    int scales = columns / lanes.scaleColumns * ROWS;
    for (int column = 0; column < columns; column += PANEL_COLUMNS) {
      int k = Math.min(PANEL_COLUMNS, columns - column);
      for (int row = from; row < to; row += ROWS) {
        float[] d = scratch.scales(scales);
        float[] m = scratch.minima(scales);
        kernels.lanes().scales(lanes, data, group(row), columns, d, m);
        kernels
            .lanes()
            .panel(
                lanes,
                data,
                group(row)
                    + lanes.scaleBytes(columns)
                    + (long) column / LaneFormat.CELL * lanes.cellBytes(),
                k,
                d,
                m,
                column / lanes.scaleColumns,
                panel,
                row - from,
                PANEL);
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
}
