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
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Groups of sixteen rows, as many lanes at a time as a vector has; that number changes no bit.
final class VectorLanes implements LaneKernels {
  /// AVX and AVX2, whose vectors are 256 bits wide, have 16 registers: too few for several rows.
  private static final boolean MANY_REGISTERS = FLOATS.vectorBitSize() == 512;

  private static final int ROWS = LaneFormat.ROWS;

  /// The bits of a half where those of a float are, but for the exponent's bias.
  private static final int HALF_BITS = 0x8FFFE000;

  private static final float HALF_BIAS = 0x1p112f;

  @Override
  public void scales(
      LaneFormat format, MemorySegment lanes, long group, int columns, float[] d, float[] m) {
    int blocks = columns / format.type().blockSize() * ROWS;
    long second = group + 2L * blocks;
    switch (format.scales) {
      case D -> {
        halves(lanes, group, blocks, d);
        times(d, -format.center(), m, blocks);
      }
      case D_M -> {
        halves(lanes, group, blocks, d);
        halves(lanes, second, blocks, m);
      }
      case SUPER_D -> {
        int n = 16 * blocks;
        factors(lanes, group, second, n, 16, 1, d);
        times(d, -format.center(), m, n);
      }
      case SUPER_D_M -> {
        int n = 8 * blocks;
        long factors = second + 2L * blocks;
        factors(lanes, group, factors, n, 8, 1, d);
        factors(lanes, second, factors + n, n, 8, -1, m);
      }
    }
  }

  private static void times(float[] d, float factor, float[] m, int n) {
    for (int i = 0; i < n; i++) {
      m[i] = d[i] * factor;
    }
  }

  private static void halves(MemorySegment lanes, long at, int n, float[] out) {
    for (int i = 0; i < n; i += LANES) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, lanes, at + 2L * i, nativeOrder())
                  .convertShape(S2I, INTS, 0);
      bits.lanewise(LSHL, 13).and(HALF_BITS).reinterpretAsFloats().mul(HALF_BIAS).intoArray(out, i);
    }
  }

  /// `out[i] = sign * half * byte`, a half for each `per` bytes of a lane.
  private static void factors(
      MemorySegment lanes, long halves, long bytes, int n, int per, float sign, float[] out) {
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
              .intoArray(out, i);
        }
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
    int scales = columns / format.scaleColumns;
    for (int first = 0; first < ROWS; first += LANES) {
      int row = 0;
      int together = format.bits == 4 ? 4 : 2;
      for (; MANY_REGISTERS && row + together <= xRows; row += together) {
        int at = xAt + row * xStride;
        int sum = sumsAt + row * sumsStride;
        int to = outAt + row * outStride + first;
        switch (format.bits) {
          case 4 ->
              VectorLanes4.four(
                  lanes,
                  cells,
                  scales,
                  first,
                  d,
                  m,
                  x,
                  at,
                  xStride,
                  sums,
                  sum,
                  sumsStride,
                  out,
                  to,
                  outStride);
          case 5 ->
              VectorLanes5.two(
                  lanes,
                  cells,
                  scales,
                  first,
                  d,
                  m,
                  x,
                  at,
                  xStride,
                  sums,
                  sum,
                  sumsStride,
                  out,
                  to,
                  outStride);
          default ->
              VectorLanes6.two(
                  lanes,
                  cells,
                  scales,
                  first,
                  d,
                  m,
                  x,
                  at,
                  xStride,
                  sums,
                  sum,
                  sumsStride,
                  out,
                  to,
                  outStride);
        }
      }
      for (; row < xRows; row++) {
        int at = xAt + row * xStride;
        int sum = sumsAt + row * sumsStride;
        int to = outAt + row * outStride + first;
        switch (format.bits) {
          case 4 -> VectorLanes4.one(lanes, cells, scales, first, d, m, x, at, sums, sum, out, to);
          case 5 -> VectorLanes5.one(lanes, cells, scales, first, d, m, x, at, sums, sum, out, to);
          default -> VectorLanes6.one(lanes, cells, scales, first, d, m, x, at, sums, sum, out, to);
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
        default ->
            VectorLanes6.panel(
                lanes, cells, scales, first, d, m, scale, panel, panelAt, panelWidth);
      }
    }
  }
}
