package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;

/// What is computed over lanes, in plain loops.
final class ScalarLanes implements LaneKernels {
  @Override
  public void scales(
      LaneFormat format,
      MemorySegment lanes,
      long group,
      long apart,
      int groups,
      int columns,
      float[] d,
      float[] m) {
    int blocks = columns / format.type().blockSize();
    int at = 0;
    for (long from = group; from < group + groups * apart; from += apart) {
      for (int i = 0; i < columns / format.scaleColumns; i++) {
        for (int lane = 0; lane < LaneFormat.ROWS; lane++, at++) {
          d[at] = format.d(lanes, from, blocks, i, lane);
          m[at] = format.m(lanes, from, blocks, i, lane);
        }
      }
    }
  }

  @Override
  public void product(
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
      float[] panel) {
    for (int row = x.longRows(); row < x.rows(); row++) {
      for (int i = 0; i < groups * LaneFormat.ROWS; i++) {
        int group = i / LaneFormat.ROWS;
        int lane = i % LaneFormat.ROWS;
        int scale = group * (columns / format.scaleColumns) * LaneFormat.ROWS + lane;
        long start = cells + group * apart;
        out[outAt + (row - x.longRows()) * outStride + i] =
            product(format, lanes, start, lane, columns, d, m, scale, x, row);
      }
    }
  }

  /// The product of one lane with one row.
  private static float product(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      int lane,
      int columns,
      float[] d,
      float[] m,
      int scale,
      Rows x,
      int row) {
    int per = format.scaleColumns;
    int xAt = row * columns;
    int sum = xAt / LaneFormat.SUM_COLUMNS;
    float total = 0;
    for (int from = 0; from < columns; from += per, scale += LaneFormat.ROWS) {
      long cell = cells + (long) (from / LaneFormat.CELL) * format.cellBytes();
      float lower = 0;
      float upper = 0;
      for (int pair = 0; pair < per / 2; pair++) {
        int i = from + LaneColumns.lower(pair);
        lower += format.quant(lanes, cell, lane, i % LaneFormat.CELL) * x.data()[xAt + i];
        upper += format.quant(lanes, cell, lane, i % LaneFormat.CELL + 4) * x.data()[xAt + i + 4];
      }
      total += (lower + upper) * d[scale];
      for (int i = 0; format.hasOffsets() && i < per; i += LaneFormat.SUM_COLUMNS) {
        total += x.sums()[sum++] * m[scale];
      }
    }
    return total;
  }

  @Override
  public void round(float[] x, int xAt, RoundedRows out, int row) {
    int columns = out.columns();
    for (int i = 0; i < columns; i += RoundedRows.BLOCK) {
      float max = 0;
      for (int k = i; k < i + RoundedRows.BLOCK; k++) {
        max = Math.max(max, Math.abs(x[xAt + k]));
      }
      boolean isNothing = max < RoundedRows.SMALLEST;
      float scale = isNothing ? 0 : max / 127;
      float inverse = isNothing ? 0 : 127 / max;
      out.scales()[(row * columns + i) / RoundedRows.BLOCK] = scale;
      for (int from = i; from < i + RoundedRows.BLOCK; from += LaneFormat.SUM_COLUMNS) {
        int sum = 0;
        for (int k = 0; k < LaneFormat.SUM_COLUMNS; k++) {
          int q = (int) Math.rint(x[xAt + from + k] * inverse);
          int pair = (row * columns + from + k / 8 * 8) / 2 + k % 4;
          out.pairs()[pair] = k % 8 < 4 ? q & 0xFFFF : out.pairs()[pair] | q << 16;
          sum += q;
        }
        out.sums()[(row * columns + from) / LaneFormat.SUM_COLUMNS] = scale * sum;
      }
    }
  }

  @Override
  public void roundedProduct(
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
      int outStride) {
    for (int row = x.longRows(); row < x.rows(); row++) {
      for (int i = 0; i < groups * LaneFormat.ROWS; i++) {
        int group = i / LaneFormat.ROWS;
        int lane = i % LaneFormat.ROWS;
        int scale = group * (columns / format.scaleColumns) * LaneFormat.ROWS + lane;
        long start = cells + group * apart;
        out[outAt + (row - x.longRows()) * outStride + i] =
            roundedProduct(format, lanes, start, lane, columns, d, m, scale, x.rounded(), row);
      }
    }
  }

  /// The product of one lane with one rounded row.
  private static float roundedProduct(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      int lane,
      int columns,
      float[] d,
      float[] m,
      int scale,
      RoundedRows x,
      int row) {
    int per = format.scaleColumns;
    float total = 0;
    for (int from = 0; from < columns; from += per, scale += LaneFormat.ROWS) {
      long cell = cells + (long) (from / LaneFormat.CELL) * format.cellBytes();
      int sum = 0;
      float xSum = 0;
      for (int i = from; i < from + per; i++) {
        int pair = x.pairs()[(row * columns + i / 8 * 8) / 2 + i % 4];
        int q = i % 8 < 4 ? (short) pair : pair >> 16;
        sum += format.quant(lanes, cell, lane, i % LaneFormat.CELL) * q;
      }
      for (int i = from; i < from + per; i += LaneFormat.SUM_COLUMNS) {
        xSum += x.sums()[(row * columns + i) / LaneFormat.SUM_COLUMNS];
      }
      float xScale = x.scales()[(row * columns + from) / RoundedRows.BLOCK];
      total += sum * (d[scale] * xScale) + m[scale] * xSum;
    }
    return total;
  }

  @Override
  public void panel(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      int columns,
      float[] d,
      float[] m,
      int scale,
      float[] panel,
      int panelAt,
      int panelWidth) {
    for (int column = 0; column < columns; column++) {
      long cell = cells + (long) (column / LaneFormat.CELL) * format.cellBytes();
      int at = (scale + column / format.scaleColumns) * LaneFormat.ROWS;
      for (int lane = 0; lane < LaneFormat.ROWS; lane++) {
        int q = format.quant(lanes, cell, lane, column % LaneFormat.CELL);
        panel[panelAt + column * panelWidth + lane] = d[at + lane] * q + m[at + lane];
      }
    }
  }
}
