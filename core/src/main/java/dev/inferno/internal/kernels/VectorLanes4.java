package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Lanes of 4 bits: a nibble is masked where it lies in its word, and becomes a float as many times
/// too large as x is too small, see {@link LaneColumns}. How loops are written {@link VectorLanes}
/// tells.
final class VectorLanes4 {
  private static final int CELL_BYTES = 256;

  private VectorLanes4() {}

  /// One row of x, as {@link LaneColumns} has it, with pairs of vectors of lanes, whose results lie
  /// one behind the other. The cells of the first pair begin at `start` and `start + next`, those
  /// of each other pair `far` behind those of the one before. Pairs take turns at each scale: so
  /// all of their groups come to the ends of their pages together, see {@link LaneLayout}, and a
  /// pair at a time has room in registers.
  ///
  /// @param scaleNext how far behind the scales of a pair's first vector those of the second one
  ///   are
  /// @param scaleFar how far behind the scales of a pair those of the next one are
  static void pairs(
      MemorySegment lanes,
      long start,
      long next,
      long far,
      int pairs,
      int scales,
      float[] d,
      float[] m,
      int scaleAt,
      int scaleNext,
      int scaleFar,
      float[] x,
      int xAt,
      float[] sums,
      int sumsAt,
      float[] out,
      int outAt) {
    Arrays.fill(out, outAt, outAt + pairs * 2 * LANES, 0);
    long end = start + (long) scales * CELL_BYTES;
    for (long scale = start; scale != end; scale += CELL_BYTES) {
      long cell = scale;
      for (int pair = 0; pair != pairs; pair++, cell += far, xAt -= LaneFormat.CELL) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS);
        FloatVector b1 = FloatVector.zero(FLOATS);
        for (long word = cell; word != cell + CELL_BYTES; word += 64, xAt += 8) {
          IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
          IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
          FloatVector y = FloatVector.broadcast(FLOATS, x[xAt]);
          a0 = ((FloatVector) a.and(15).convert(I2F, 0)).fma(y, a0);
          b0 = ((FloatVector) b.and(15).convert(I2F, 0)).fma(y, b0);
          y = FloatVector.broadcast(FLOATS, x[xAt + 1]);
          a1 = ((FloatVector) a.and(15 << 16).convert(I2F, 0)).fma(y, a1);
          b1 = ((FloatVector) b.and(15 << 16).convert(I2F, 0)).fma(y, b1);
          y = FloatVector.broadcast(FLOATS, x[xAt + 2]);
          a0 = ((FloatVector) a.and(15 << 4).convert(I2F, 0)).fma(y, a0);
          b0 = ((FloatVector) b.and(15 << 4).convert(I2F, 0)).fma(y, b0);
          y = FloatVector.broadcast(FLOATS, x[xAt + 3]);
          a1 = ((FloatVector) a.and(15 << 20).convert(I2F, 0)).fma(y, a1);
          b1 = ((FloatVector) b.and(15 << 20).convert(I2F, 0)).fma(y, b1);
          y = FloatVector.broadcast(FLOATS, x[xAt + 4]);
          a0 = ((FloatVector) a.and(15 << 8).convert(I2F, 0)).fma(y, a0);
          b0 = ((FloatVector) b.and(15 << 8).convert(I2F, 0)).fma(y, b0);
          y = FloatVector.broadcast(FLOATS, x[xAt + 5]);
          a1 = ((FloatVector) a.and(15 << 24).convert(I2F, 0)).fma(y, a1);
          b1 = ((FloatVector) b.and(15 << 24).convert(I2F, 0)).fma(y, b1);
          y = FloatVector.broadcast(FLOATS, x[xAt + 6]);
          a0 = ((FloatVector) a.and(15 << 12).convert(I2F, 0)).fma(y, a0);
          b0 = ((FloatVector) b.and(15 << 12).convert(I2F, 0)).fma(y, b0);
          y = FloatVector.broadcast(FLOATS, x[xAt + 7]);
          a1 = ((FloatVector) a.lanewise(LSHR, 28).convert(I2F, 0)).fma(y, a1);
          b1 = ((FloatVector) b.lanewise(LSHR, 28).convert(I2F, 0)).fma(y, b1);
        }
        float sum = sums[sumsAt] + sums[sumsAt + 1];
        FloatVector total =
            a0.add(a1)
                .fma(
                    FloatVector.fromArray(FLOATS, d, scaleAt),
                    FloatVector.fromArray(FLOATS, out, outAt));
        FloatVector.fromArray(FLOATS, m, scaleAt)
            .fma(FloatVector.broadcast(FLOATS, sum), total)
            .intoArray(out, outAt);
        total =
            b0.add(b1)
                .fma(
                    FloatVector.fromArray(FLOATS, d, scaleAt + scaleNext),
                    FloatVector.fromArray(FLOATS, out, outAt + LANES));
        FloatVector.fromArray(FLOATS, m, scaleAt + scaleNext)
            .fma(FloatVector.broadcast(FLOATS, sum), total)
            .intoArray(out, outAt + LANES);
        scaleAt += scaleFar;
        outAt += 2 * LANES;
      }
      xAt += LaneFormat.CELL;
      scaleAt += LaneFormat.ROWS - pairs * scaleFar;
      outAt -= pairs * 2 * LANES;
      sumsAt += 2;
    }
  }

  /// What {@link #pairs} multiplies, `panel[column * 2 * LANES + lane]`, a vector of each of the
  /// two lying beside the other, the columns in the order of {@link LaneColumns}.
  static void unpack(MemorySegment lanes, long start, long next, int scales, float[] panel) {
    int at = 0;
    long end = start + (long) scales * CELL_BYTES;
    for (long word = start; word != end; word += 64, at += 16 * LANES) {
      IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
      IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
      ((FloatVector) a.and(15).convert(I2F, 0)).intoArray(panel, at);
      ((FloatVector) b.and(15).convert(I2F, 0)).intoArray(panel, at + LANES);
      ((FloatVector) a.and(15 << 16).convert(I2F, 0)).intoArray(panel, at + 2 * LANES);
      ((FloatVector) b.and(15 << 16).convert(I2F, 0)).intoArray(panel, at + 3 * LANES);
      ((FloatVector) a.and(15 << 4).convert(I2F, 0)).intoArray(panel, at + 4 * LANES);
      ((FloatVector) b.and(15 << 4).convert(I2F, 0)).intoArray(panel, at + 5 * LANES);
      ((FloatVector) a.and(15 << 20).convert(I2F, 0)).intoArray(panel, at + 6 * LANES);
      ((FloatVector) b.and(15 << 20).convert(I2F, 0)).intoArray(panel, at + 7 * LANES);
      ((FloatVector) a.and(15 << 8).convert(I2F, 0)).intoArray(panel, at + 8 * LANES);
      ((FloatVector) b.and(15 << 8).convert(I2F, 0)).intoArray(panel, at + 9 * LANES);
      ((FloatVector) a.and(15 << 24).convert(I2F, 0)).intoArray(panel, at + 10 * LANES);
      ((FloatVector) b.and(15 << 24).convert(I2F, 0)).intoArray(panel, at + 11 * LANES);
      ((FloatVector) a.and(15 << 12).convert(I2F, 0)).intoArray(panel, at + 12 * LANES);
      ((FloatVector) b.and(15 << 12).convert(I2F, 0)).intoArray(panel, at + 13 * LANES);
      ((FloatVector) a.lanewise(LSHR, 28).convert(I2F, 0)).intoArray(panel, at + 14 * LANES);
      ((FloatVector) b.lanewise(LSHR, 28).convert(I2F, 0)).intoArray(panel, at + 15 * LANES);
    }
  }

  /// See {@link LaneKernels#panel}; lanes from `first` on, as many as a vector has.
  static void panel(
      MemorySegment lanes,
      long cells,
      int scales,
      int first,
      float[] d,
      float[] m,
      int scaleAt,
      float[] panel,
      int panelAt,
      int panelWidth) {
    int scaleFrom = scaleAt * LaneFormat.ROWS + first;
    int at = panelAt + first;
    long start = cells + 4L * first;
    long end = start + (long) scales * CELL_BYTES;
    for (long cell = start; cell != end; cell += CELL_BYTES) {
      FloatVector scale = FloatVector.fromArray(FLOATS, d, scaleFrom);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, scaleFrom);
      scaleFrom += LaneFormat.ROWS;
      for (long word = cell; word != cell + CELL_BYTES; word += 64, at += 8 * panelWidth) {
        IntVector q = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
        ((FloatVector) q.and(15).convert(I2F, 0)).fma(scale, minimum).intoArray(panel, at);
        ((FloatVector) q.lanewise(LSHR, 4).and(15).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + panelWidth);
        ((FloatVector) q.lanewise(LSHR, 8).and(15).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + 2 * panelWidth);
        ((FloatVector) q.lanewise(LSHR, 12).and(15).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + 3 * panelWidth);
        ((FloatVector) q.lanewise(LSHR, 16).and(15).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + 4 * panelWidth);
        ((FloatVector) q.lanewise(LSHR, 20).and(15).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + 5 * panelWidth);
        ((FloatVector) q.lanewise(LSHR, 24).and(15).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + 6 * panelWidth);
        ((FloatVector) q.lanewise(LSHR, 28).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, at + 7 * panelWidth);
      }
    }
  }
}
