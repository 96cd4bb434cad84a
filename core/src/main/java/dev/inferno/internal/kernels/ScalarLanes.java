package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;

/// What is computed over lanes, in plain loops.
final class ScalarLanes implements LaneKernels {
  @Override
  public void scales(
      LaneFormat format, MemorySegment lanes, long group, int columns, float[] d, float[] m) {
    int blocks = columns / format.type().blockSize();
    for (int i = 0; i < columns / format.scaleColumns; i++) {
      for (int lane = 0; lane < LaneFormat.ROWS; lane++) {
        d[i * LaneFormat.ROWS + lane] = format.d(lanes, group, blocks, i, lane);
        m[i * LaneFormat.ROWS + lane] = format.m(lanes, group, blocks, i, lane);
      }
    }
  }

  @Override
  public void product(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      int columns,
      float[] d,
      float[] m,
      float[] x,
      int xAt,
      int xStride,
      int xRows,
      float[] sums,
      int sumsAt,
      int sumsStride,
      float[] out,
      int outAt,
      int outStride) {
    int per = format.scaleColumns;
    for (int row = 0; row < xRows; row++) {
      for (int lane = 0; lane < LaneFormat.ROWS; lane++) {
        float total = 0;
        for (int from = 0; from < columns; from += per) {
          int scale = from / per * LaneFormat.ROWS + lane;
          long cell = cells + (long) (from / LaneFormat.CELL) * format.cellBytes();
          int first = from % LaneFormat.CELL;
          int xFrom = xAt + row * xStride + from;
          float a = 0;
          float b = 0;
          float c = 0;
          float e = 0;
          for (int i = 0; i < per; i += 4) {
            a += format.quant(lanes, cell, lane, first + i) * x[xFrom + i];
            b += format.quant(lanes, cell, lane, first + i + 1) * x[xFrom + i + 1];
            c += format.quant(lanes, cell, lane, first + i + 2) * x[xFrom + i + 2];
            e += format.quant(lanes, cell, lane, first + i + 3) * x[xFrom + i + 3];
          }
          total += ((a + b) + (c + e)) * d[scale];
          int sum = sumsAt + row * sumsStride + from / LaneFormat.SUM_COLUMNS;
          total += (per == 16 ? sums[sum] : sums[sum] + sums[sum + 1]) * m[scale];
        }
        out[outAt + row * outStride + lane] = total;
      }
    }
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
