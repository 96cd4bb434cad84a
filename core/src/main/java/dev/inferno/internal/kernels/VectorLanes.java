package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.LANES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Groups of sixteen rows, as many lanes at a time as a vector has; that number changes no bit.
///
/// How the kernels of each number of bits are written: in one body, for the reason that {@link
/// FusedProduct} gives; and with loops that end where a place in memory *is* the end, not where it
/// is beyond. The compiler takes loops whose rounds it can count apart, to make their bounds checks
/// before them and several rounds of one. Here that costs more than it saves: a loop of four rounds
/// is prepared longer than it runs, and in a large body without checks all x is loaded first, for
/// which there are not registers enough. It made the kernels up to two and a half times slower.
final class VectorLanes implements LaneKernels {
  private static final int ROWS = LaneFormat.ROWS;

  /// Where the sums of several rows lie, behind what is unpacked.
  private static final int PANEL_SUMS = PANEL_COLUMNS * 2 * LANES;

  /// Where the results of four rows lie that are not all there.
  private static final int PANEL_OUT = PANEL_FLOATS - Rows.SHARING * 2 * LANES;

  /// In the place of sums of x, where values have no offsets.
  private static final float[] ZEROS = new float[PANEL_COLUMNS / LaneFormat.SUM_COLUMNS];

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
    VectorLaneScales.scales(format, lanes, group, apart, groups, columns, d, m);
  }

  /// Two vectors at a time, since they share what is broadcast of x, or four of 8 bits; where a
  /// second one is missing, the first is computed twice, and the second result is for nobody. Four
  /// rows at a time share what is unpacked.
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
    int scales = columns / format.scaleColumns;
    int end = groups * ROWS;
    int rows = x.rows() - x.longRows();
    int shared = Rows.shared(rows);
    for (int lane = 0; shared > 0 && lane < end; lane += 2 * LANES) {
      int second = Math.min(end - LANES, lane + LANES);
      long start = place(cells, apart, lane);
      int scale = scale(scales, lane);
      several(
          format,
          lanes,
          start,
          place(cells, apart, second) - start,
          columns,
          d,
          m,
          scale,
          scale(scales, second) - scale,
          x,
          out,
          outAt + lane,
          outStride,
          panel);
    }
    float[] from = x.arranged(format.bits);
    for (int row = shared; row < rows; row++) {
      int at = row * columns;
      int sum = (x.longRows() + row) * columns / LaneFormat.SUM_COLUMNS;
      int pairs; // that are multiplied at once
      for (int lane = 0; lane < end; lane += pairs * 2 * LANES) {
        pairs = pairs(format, end - lane);
        int second = Math.min(end - LANES, lane + LANES);
        long start = place(cells, apart, lane);
        long next = place(cells, apart, second) - start;
        long far = place(cells, apart, lane + 2 * LANES) - start;
        int scale = scale(scales, lane);
        int scaleNext = scale(scales, second) - scale;
        int scaleFar = scale(scales, lane + 2 * LANES) - scale;
        int to = outAt + row * outStride + lane;
        switch (format.bits) {
          case 4 ->
              VectorLanes4.pairs(
                  lanes, start, next, far, pairs, scales, d, m, scale, scaleNext, scaleFar, from,
                  at, x.sums(), sum, out, to);
          case 5 ->
              VectorLanes5.pairs(
                  lanes, start, next, far, pairs, scales, d, m, scale, scaleNext, scaleFar, from,
                  at, x.sums(), sum, out, to);
          case 6 ->
              VectorLanes6.pairs(
                  lanes, start, next, far, pairs, scales, d, m, scale, scaleNext, scaleFar, from,
                  at, x.sums(), sum, out, to);
          default -> {
            if (pairs == 2) {
              VectorLanes8.four(
                  lanes, start, next, far, scales, d, scale, scaleNext, scaleFar, from, at, out,
                  to);
            } else {
              VectorLanes8.two(lanes, start, next, scales, d, scale, scaleNext, from, at, out, to);
            }
          }
        }
      }
    }
  }

  /// How many pairs of vectors are multiplied at once, of so many lanes that are left: as many as
  /// are equally far from each other. Of 8 bits they are two.
  private static int pairs(LaneFormat format, int lanes) {
    int most = format.bits == 8 || 2 * LANES < ROWS ? 2 : lanes;
    return Math.clamp(lanes / (2 * LANES), 1, most);
  }

  /// Where the cells of a lane begin.
  private static long place(long cells, long apart, int lane) {
    return cells + lane / ROWS * apart + 4L * (lane % ROWS);
  }

  /// Where the scales of a lane begin, of which each has so many.
  private static int scale(int scales, int lane) {
    return lane / ROWS * scales * ROWS + lane % ROWS;
  }

  /// The first rows, four at a time, with two vectors of lanes that are unpacked once for all of
  /// them.
  private static void several(
      LaneFormat format,
      MemorySegment lanes,
      long start,
      long next,
      int columns,
      float[] d,
      float[] m,
      int scaleAt,
      int scaleNext,
      Rows x,
      float[] out,
      int outAt,
      int outStride,
      float[] panel) {
    boolean offsets = format.hasOffsets();
    int sumsStride = columns / LaneFormat.SUM_COLUMNS;
    int rows = x.rows() - x.longRows();
    int whole = rows / Rows.SHARING * Rows.SHARING;
    Arrays.fill(panel, PANEL_OUT, PANEL_OUT + Rows.SHARING * 2 * LANES, 0);
    for (int row = 0; row < whole; row++) {
      int to = outAt + row * outStride;
      Arrays.fill(out, to, to + 2 * LANES, 0);
    }
    for (int column = 0; column < columns; column += PANEL_COLUMNS) {
      int n = Math.min(PANEL_COLUMNS, columns - column);
      long cell = start + (long) column / LaneFormat.CELL * format.cellBytes();
      int scales = n / format.scaleColumns;
      switch (format.bits) {
        case 4 -> VectorLanes4.unpack(lanes, cell, next, scales, panel);
        case 5 -> VectorLanes5.unpack(lanes, cell, next, scales, panel);
        case 6 -> VectorLanes6.unpack(lanes, cell, next, scales, panel);
        default -> VectorLanes8.unpack(lanes, cell, next, scales, panel);
      }
      int scale = scaleAt + column / format.scaleColumns * ROWS;
      for (int row = 0; row < Rows.shared(rows); row += Rows.SHARING) {
        int sum = (x.longRows() + row) * sumsStride + column / LaneFormat.SUM_COLUMNS;
        VectorLaneRows.products(
            panel,
            n,
            format.scaleColumns,
            x.arranged(format.bits),
            row * columns + column * Rows.SHARING,
            panel,
            PANEL_SUMS);
        boolean isWhole = row < whole;
        VectorLaneRows.totals(
            panel,
            PANEL_SUMS,
            scales,
            d,
            m,
            scale,
            scaleNext,
            offsets ? x.sums() : ZEROS,
            offsets ? sum : 0,
            offsets ? sumsStride : 0,
            format.scaleColumns / LaneFormat.SUM_COLUMNS,
            isWhole ? out : panel,
            isWhole ? outAt + row * outStride : PANEL_OUT,
            isWhole ? outStride : 2 * LANES);
      }
    }
    for (int row = whole; row < Math.min(rows, Rows.shared(rows)); row++) {
      int from = PANEL_OUT + (row - whole) * 2 * LANES;
      System.arraycopy(panel, from, out, outAt + row * outStride, 2 * LANES);
    }
  }

  @Override
  public void round(float[] x, int xAt, RoundedRows out, int row) {
    VectorRounding.round(x, xAt, out, row);
  }

  /// Two vectors at a time, one pair after the other.
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
    RoundedRows rounded = x.rounded();
    int scales = columns / format.scaleColumns;
    for (int lane = 0; lane < groups * ROWS; lane += 2 * LANES) {
      int second = Math.min(groups * ROWS - LANES, lane + LANES);
      long start = place(cells, apart, lane);
      long next = place(cells, apart, second) - start;
      int scale = scale(scales, lane);
      int scaleNext = scale(scales, second) - scale;
      for (int row = x.longRows(); row < x.rows(); row++) {
        int pair = row * columns / 2;
        int xScale = row * columns / RoundedRows.BLOCK;
        int sum = row * columns / LaneFormat.SUM_COLUMNS;
        int to = outAt + (row - x.longRows()) * outStride + lane;
        switch (format.bits) {
          case 4 ->
              VectorRounded4.two(
                  lanes,
                  start,
                  next,
                  scales,
                  d,
                  m,
                  scale,
                  scaleNext,
                  rounded.pairs(),
                  pair,
                  rounded.scales(),
                  xScale,
                  rounded.sums(),
                  sum,
                  out,
                  to);
          case 5 ->
              VectorRounded5.two(
                  lanes,
                  start,
                  next,
                  scales,
                  d,
                  m,
                  scale,
                  scaleNext,
                  rounded.pairs(),
                  pair,
                  rounded.scales(),
                  xScale,
                  rounded.sums(),
                  sum,
                  out,
                  to);
          default ->
              VectorRounded6.two(
                  lanes,
                  start,
                  next,
                  scales,
                  d,
                  m,
                  scale,
                  scaleNext,
                  rounded.pairs(),
                  pair,
                  rounded.scales(),
                  xScale,
                  rounded.sums(),
                  sum,
                  out,
                  to);
        }
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
    int scales = columns / format.scaleColumns;
    for (int first = 0; first < ROWS; first += LANES) {
      switch (format.bits) {
        case 4 ->
            VectorLanes4.panel(
                lanes, cells, scales, first, d, m, scale, panel, panelAt, panelWidth);
        case 5 ->
            VectorLanes5.panel(
                lanes, cells, scales, first, d, m, scale, panel, panelAt, panelWidth);
        case 6 ->
            VectorLanes6.panel(
                lanes, cells, scales, first, d, m, scale, panel, panelAt, panelWidth);
        default ->
            VectorLanes8.panel(
                lanes, cells, scales, first, d, m, scale, panel, panelAt, panelWidth);
      }
    }
  }
}
