package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.kernels.Simd.SHORTS;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Groups of sixteen rows, as many lanes at a time as a vector has; that number changes no bit, but
/// for x below `2^-100`, see {@link LaneColumns}.
///
/// How the kernels of each number of bits are written: in one body, for the reason that {@link
/// FusedProduct} gives; and with loops that end where a place in memory *is* the end, not where it
/// is beyond. The compiler takes loops whose rounds it can count apart, to make their bounds checks
/// before them and several rounds of one. Here that costs more than it saves: a loop of four rounds
/// is prepared longer than it runs, and in a large body without checks all x is loaded first, for
/// which there are not registers enough. It made the kernels up to two and a half times slower.
final class VectorLanes implements LaneKernels {
  /// AVX and AVX2, whose vectors are 256 bits wide, have 16 registers: too few for several rows.
  private static final boolean MANY_REGISTERS = FLOATS.vectorBitSize() == 512;

  /// How many rows of x share what is unpacked, if there are as many.
  private static final int SEVERAL_ROWS = 4;

  private static final int ROWS = LaneFormat.ROWS;

  /// The bits of a half where those of a float are, but for the exponent's bias.
  private static final int HALF_BITS = 0x8FFFE000;

  private static final float HALF_BIAS = 0x1p112f;

  /// Scales and minima with which {@link #panel} gives q, of as many columns as are unpacked at
  /// once.
  private static final float[] ONES = filled(1);

  private static final float[] ZEROS = filled(0);

  private static float[] filled(float value) {
    float[] scales = new float[PANEL_COLUMNS / LaneFormat.SUM_COLUMNS * ROWS];
    Arrays.fill(scales, value);
    return scales;
  }

  /// Of a group, too, the first two vectors are enough where a vector has no more than half of it.
  @Override
  public int together() {
    return LANES == ROWS ? 2 : 1;
  }

  @Override
  public void scales(
      LaneFormat format,
      MemorySegment lanes,
      long group,
      int columns,
      float[] d,
      float[] m,
      int at) {
    int blocks = columns / format.type().blockSize() * ROWS;
    long second = group + 2L * blocks;
    switch (format.scales) {
      case D -> {
        halves(lanes, group, blocks, d, at);
        times(d, -format.center(), m, blocks, at);
      }
      case D_M -> {
        halves(lanes, group, blocks, d, at);
        halves(lanes, second, blocks, m, at);
      }
      case SUPER_D -> {
        int n = 16 * blocks;
        factors(lanes, group, second, n, 16, 1, d, at);
        times(d, -format.center(), m, n, at);
      }
      case SUPER_D_M -> {
        int n = 8 * blocks;
        long factors = second + 2L * blocks;
        factors(lanes, group, factors, n, 8, 1, d, at);
        factors(lanes, second, factors + n, n, 8, -1, m, at);
      }
    }
  }

  private static void times(float[] d, float factor, float[] m, int n, int at) {
    for (int i = at; i < at + n; i++) {
      m[i] = d[i] * factor;
    }
  }

  private static void halves(MemorySegment lanes, long from, int n, float[] out, int at) {
    for (int i = 0; i < n; i += LANES) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, lanes, from + 2L * i, nativeOrder())
                  .convertShape(S2I, INTS, 0);
      bits.lanewise(LSHL, 13)
          .and(HALF_BITS)
          .reinterpretAsFloats()
          .mul(HALF_BIAS)
          .intoArray(out, at + i);
    }
  }

  /// `out[i] = sign * half * byte`, a half for each `per` bytes of a lane.
  private static void factors(
      MemorySegment lanes,
      long halves,
      long bytes,
      int n,
      int per,
      float sign,
      float[] out,
      int at) {
    for (int block = 0; block < n; block += per * ROWS, halves += 2L * ROWS) {
      for (int first = 0; first < ROWS; first += LANES) {
        IntVector bits =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, lanes, halves + 2L * first, nativeOrder())
                    .convertShape(S2I, INTS, 0);
        FloatVector half =
            bits.lanewise(LSHL, 13).and(HALF_BITS).reinterpretAsFloats().mul(sign * HALF_BIAS);
        for (int i = block + first; i < block + per * ROWS; i += ROWS) {
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, lanes, bytes + i, nativeOrder())
                      .convertShape(B2F, FLOATS, 0))
              .mul(half)
              .intoArray(out, at + i);
        }
      }
    }
  }

  /// Two vectors at a time, since they share what is broadcast of x; where a second one is missing,
  /// the first is computed twice, and the second result is for nobody.
  @Override
  public void product(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      long groupBytes,
      int groups,
      int columns,
      float[] d,
      float[] m,
      Rows x,
      int first,
      int last,
      float[] out,
      int outAt,
      int outStride,
      float[] panel) {
    int together = MANY_REGISTERS && groups == 2 ? (last - first) / SEVERAL_ROWS * SEVERAL_ROWS : 0;
    if (together > 0) {
      several(
          format,
          lanes,
          cells,
          groupBytes,
          columns,
          d,
          m,
          x,
          first,
          together,
          out,
          outAt,
          outStride,
          panel);
    }
    int scales = columns / format.scaleColumns;
    float[] from = x.arranged(format.bits);
    for (int lane = 0; lane < groups * ROWS; lane += 2 * LANES) {
      int second = lane + LANES < groups * ROWS ? lane + LANES : lane;
      long start = cells + lane / ROWS * groupBytes + 4L * (lane % ROWS);
      long next = cells + second / ROWS * groupBytes + 4L * (second % ROWS) - start;
      int scale = lane / ROWS * scales * ROWS + lane % ROWS;
      int scaleNext = second / ROWS * scales * ROWS + second % ROWS - scale;
      for (int row = first + together; row < last; row++) {
        int xAt = (row - x.longRows()) * columns;
        int sum = row * columns / LaneFormat.SUM_COLUMNS;
        int to = outAt + (row - first) * outStride + lane;
        switch (format.bits) {
          case 4 ->
              VectorLanes4.two(
                  lanes, start, next, scales, d, m, scale, scaleNext, from, xAt, x.sums(), sum, out,
                  to, LANES);
          case 5 ->
              VectorLanes5.two(
                  lanes, start, next, scales, d, m, scale, scaleNext, from, xAt, x.sums(), sum, out,
                  to, LANES);
          case 6 ->
              VectorLanes6.two(
                  lanes, start, next, scales, d, m, scale, scaleNext, from, xAt, x.sums(), sum, out,
                  to, LANES);
          default ->
              VectorLanes8.two(
                  lanes, start, next, scales, d, scale, scaleNext, from, xAt, out, to, LANES);
        }
      }
    }
  }

  @Override
  public void round(float[] x, int xAt, RoundedRows out, int row) {
    VectorRounding.round(x, xAt, out, row);
  }

  /// Two vectors at a time, as above.
  @Override
  public void roundedProduct(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      long groupBytes,
      int groups,
      int columns,
      float[] d,
      float[] m,
      RoundedRows x,
      int first,
      int last,
      float[] out,
      int outAt,
      int outStride) {
    int scales = columns / format.scaleColumns;
    for (int lane = 0; lane < groups * ROWS; lane += 2 * LANES) {
      int second = lane + LANES < groups * ROWS ? lane + LANES : lane;
      long start = cells + lane / ROWS * groupBytes + 4L * (lane % ROWS);
      long next = cells + second / ROWS * groupBytes + 4L * (second % ROWS) - start;
      int scale = lane / ROWS * scales * ROWS + lane % ROWS;
      int scaleNext = second / ROWS * scales * ROWS + second % ROWS - scale;
      for (int row = first; row < last; row++) {
        int pair = row * columns / 2;
        int xScale = row * columns / RoundedRows.BLOCK;
        int sum = row * columns / LaneFormat.SUM_COLUMNS;
        int to = outAt + (row - first) * outStride + lane;
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
                  x.pairs(),
                  pair,
                  x.scales(),
                  xScale,
                  x.sums(),
                  sum,
                  out,
                  to,
                  LANES);
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
                  x.pairs(),
                  pair,
                  x.scales(),
                  xScale,
                  x.sums(),
                  sum,
                  out,
                  to,
                  LANES);
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
                  x.pairs(),
                  pair,
                  x.scales(),
                  xScale,
                  x.sums(),
                  sum,
                  out,
                  to,
                  LANES);
        }
      }
    }
  }

  /// The rows from `first` on, a multiple of four, with two groups that are unpacked once for all
  /// of them.
  private void several(
      LaneFormat format,
      MemorySegment lanes,
      long cells,
      long groupBytes,
      int columns,
      float[] d,
      float[] m,
      Rows x,
      int first,
      int rows,
      float[] out,
      int outAt,
      int outStride,
      float[] panel) {
    int groupScales = columns / format.scaleColumns * ROWS;
    boolean offsets = format.hasOffsets();
    int sumsStride = columns / LaneFormat.SUM_COLUMNS;
    for (int row = 0; row < rows; row++) {
      Arrays.fill(out, outAt + row * outStride, outAt + row * outStride + 2 * ROWS, 0);
    }
    for (int column = 0; column < columns; column += PANEL_COLUMNS) {
      int n = Math.min(PANEL_COLUMNS, columns - column);
      for (int group = 0; group < 2; group++) {
        long from =
            cells + group * groupBytes + (long) column / LaneFormat.CELL * format.cellBytes();
        panel(format, lanes, from, n, ONES, ZEROS, 0, panel, group * ROWS, 2 * ROWS);
      }
      int scaleAt = column / format.scaleColumns * ROWS;
      for (int row = 0; row < rows; row += SEVERAL_ROWS) {
        VectorLaneRows.four(
            panel,
            n,
            format.scaleColumns,
            d,
            m,
            scaleAt,
            groupScales,
            x.data(),
            (first + row) * columns + column,
            columns,
            offsets ? x.sums() : ZEROS,
            offsets ? (first + row) * sumsStride + column / LaneFormat.SUM_COLUMNS : 0,
            offsets ? sumsStride : 0,
            out,
            outAt + row * outStride,
            outStride);
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
