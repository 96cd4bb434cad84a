package dev.inferno.internal.kernels;

import dev.inferno.internal.quant.BlockBytes;
import java.lang.foreign.MemorySegment;

/// What is computed over lanes, in plain loops.
final class ScalarLanes implements LaneKernels {
  @Override
  public void scales(
      LaneFormat format, MemorySegment lanes, long group, int columns, float[] d, float[] m) {
    int blocks = columns / format.type().blockSize();
    int n = columns / format.scaleColumns * LaneFormat.ROWS;
    long second = group + 2L * blocks * LaneFormat.ROWS;
    for (int i = 0; i < n; i++) {
      switch (format.scales) {
        case D -> {
          d[i] = BlockBytes.half(lanes, group + 2L * i);
          m[i] = -format.center() * d[i];
        }
        case D_M -> {
          d[i] = BlockBytes.half(lanes, group + 2L * i);
          m[i] = BlockBytes.half(lanes, second + 2L * i);
        }
        case SUPER_D -> {
          d[i] =
              BlockBytes.half(lanes, group + 2L * of(i, 16)) * BlockBytes.signed(lanes, second + i);
          m[i] = -format.center() * d[i];
        }
        case SUPER_D_M -> {
          long factors = second + 2L * blocks * LaneFormat.ROWS;
          d[i] =
              BlockBytes.half(lanes, group + 2L * of(i, 8)) * BlockBytes.signed(lanes, factors + i);
          m[i] =
              -BlockBytes.half(lanes, second + 2L * of(i, 8))
                  * BlockBytes.signed(lanes, factors + n + i);
        }
      }
    }
  }

  /// Where the half is that the i-th factor multiplies, of which a block has so many.
  private static int of(int i, int factors) {
    return i / LaneFormat.ROWS / factors * LaneFormat.ROWS + i % LaneFormat.ROWS;
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
    float[] turns = new float[4];
    for (int row = 0; row < xRows; row++) {
      for (int lane = 0; lane < LaneFormat.ROWS; lane++) {
        float total = 0;
        for (int from = 0; from < columns; from += per) {
          int scale = from / per * LaneFormat.ROWS + lane;
          java.util.Arrays.fill(turns, 0);
          for (int i = 0; i < per; i++) {
            int column = from + i;
            long cell = cells + (long) (column / LaneFormat.CELL) * format.cellBytes();
            int q = format.quant(lanes, cell, lane, column % LaneFormat.CELL);
            turns[i % 4] += q * x[xAt + row * xStride + column];
          }
          total += (turns[0] + turns[1] + (turns[2] + turns[3])) * d[scale];
          int sum = sumsAt + row * sumsStride + from / 16;
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
