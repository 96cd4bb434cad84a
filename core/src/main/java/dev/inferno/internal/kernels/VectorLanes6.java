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

/// Lanes of 6 bits, as {@link VectorLanes4} goes: two in each half of a word, and four bits that
/// are collected for the seventh and the eighth of sixteen columns, which share a scale.
final class VectorLanes6 {
  private static final int SCALE_BYTES = 192;
  private static final int REST = 0xF000_F000;

  private VectorLanes6() {}

  /// One row of x with pairs of vectors of lanes, see {@link VectorLanes4#pairs}.
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
    long end = start + (long) scales * SCALE_BYTES;
    for (long scale = start; scale != end; scale += SCALE_BYTES) {
      long cell = scale;
      for (int pair = 0; pair != pairs; pair++, cell += far, xAt -= 16) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS);
        FloatVector b1 = FloatVector.zero(FLOATS);
        IntVector aRest = IntVector.zero(INTS);
        IntVector bRest = IntVector.zero(INTS);
        for (long word = cell; word != cell + SCALE_BYTES; word += 64, xAt += 4) {
          IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
          IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
          FloatVector y = FloatVector.broadcast(FLOATS, x[xAt]);
          a0 = ((FloatVector) a.and(63).convert(I2F, 0)).fma(y, a0);
          b0 = ((FloatVector) b.and(63).convert(I2F, 0)).fma(y, b0);
          y = FloatVector.broadcast(FLOATS, x[xAt + 1]);
          a1 = ((FloatVector) a.and(63 << 16).convert(I2F, 0)).fma(y, a1);
          b1 = ((FloatVector) b.and(63 << 16).convert(I2F, 0)).fma(y, b1);
          y = FloatVector.broadcast(FLOATS, x[xAt + 2]);
          a0 = ((FloatVector) a.and(63 << 6).convert(I2F, 0)).fma(y, a0);
          b0 = ((FloatVector) b.and(63 << 6).convert(I2F, 0)).fma(y, b0);
          y = FloatVector.broadcast(FLOATS, x[xAt + 3]);
          a1 = ((FloatVector) a.and(63 << 22).convert(I2F, 0)).fma(y, a1);
          b1 = ((FloatVector) b.and(63 << 22).convert(I2F, 0)).fma(y, b1);
          aRest = aRest.lanewise(LSHR, 4).or(a.and(REST));
          bRest = bRest.lanewise(LSHR, 4).or(b.and(REST));
        }
        FloatVector y = FloatVector.broadcast(FLOATS, x[xAt]);
        a0 = ((FloatVector) aRest.and(63 << 4).convert(I2F, 0)).fma(y, a0);
        b0 = ((FloatVector) bRest.and(63 << 4).convert(I2F, 0)).fma(y, b0);
        y = FloatVector.broadcast(FLOATS, x[xAt + 1]);
        a1 = ((FloatVector) aRest.and(63 << 20).convert(I2F, 0)).fma(y, a1);
        b1 = ((FloatVector) bRest.and(63 << 20).convert(I2F, 0)).fma(y, b1);
        y = FloatVector.broadcast(FLOATS, x[xAt + 2]);
        a0 = ((FloatVector) aRest.and(63 << 10).convert(I2F, 0)).fma(y, a0);
        b0 = ((FloatVector) bRest.and(63 << 10).convert(I2F, 0)).fma(y, b0);
        y = FloatVector.broadcast(FLOATS, x[xAt + 3]);
        a1 = ((FloatVector) aRest.lanewise(LSHR, 26).convert(I2F, 0)).fma(y, a1);
        b1 = ((FloatVector) bRest.lanewise(LSHR, 26).convert(I2F, 0)).fma(y, b1);
        xAt += 4;
        float sum = sums[sumsAt];
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
      xAt += 16;
      scaleAt += LaneFormat.ROWS - pairs * scaleFar;
      outAt -= pairs * 2 * LANES;
      sumsAt += 1;
    }
  }

  /// What {@link #pairs} multiplies, `panel[column * 2 * LANES + lane]`, a vector of each of the
  /// two lying beside the other, the columns in the order of {@link LaneColumns}.
  static void unpack(MemorySegment lanes, long start, long next, int scales, float[] panel) {
    int at = 0;
    long end = start + (long) scales * SCALE_BYTES;
    for (long cell = start; cell != end; cell += SCALE_BYTES, at += 8 * LANES) {
      IntVector aRest = IntVector.zero(INTS);
      IntVector bRest = IntVector.zero(INTS);
      for (long word = cell; word != cell + SCALE_BYTES; word += 64, at += 8 * LANES) {
        IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
        IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
        ((FloatVector) a.and(63).convert(I2F, 0)).intoArray(panel, at);
        ((FloatVector) b.and(63).convert(I2F, 0)).intoArray(panel, at + LANES);
        ((FloatVector) a.and(63 << 16).convert(I2F, 0)).intoArray(panel, at + 2 * LANES);
        ((FloatVector) b.and(63 << 16).convert(I2F, 0)).intoArray(panel, at + 3 * LANES);
        ((FloatVector) a.and(63 << 6).convert(I2F, 0)).intoArray(panel, at + 4 * LANES);
        ((FloatVector) b.and(63 << 6).convert(I2F, 0)).intoArray(panel, at + 5 * LANES);
        ((FloatVector) a.and(63 << 22).convert(I2F, 0)).intoArray(panel, at + 6 * LANES);
        ((FloatVector) b.and(63 << 22).convert(I2F, 0)).intoArray(panel, at + 7 * LANES);
        aRest = aRest.lanewise(LSHR, 4).or(a.and(REST));
        bRest = bRest.lanewise(LSHR, 4).or(b.and(REST));
      }
      ((FloatVector) aRest.and(63 << 4).convert(I2F, 0)).intoArray(panel, at);
      ((FloatVector) bRest.and(63 << 4).convert(I2F, 0)).intoArray(panel, at + LANES);
      ((FloatVector) aRest.and(63 << 20).convert(I2F, 0)).intoArray(panel, at + 2 * LANES);
      ((FloatVector) bRest.and(63 << 20).convert(I2F, 0)).intoArray(panel, at + 3 * LANES);
      ((FloatVector) aRest.and(63 << 10).convert(I2F, 0)).intoArray(panel, at + 4 * LANES);
      ((FloatVector) bRest.and(63 << 10).convert(I2F, 0)).intoArray(panel, at + 5 * LANES);
      ((FloatVector) aRest.lanewise(LSHR, 26).convert(I2F, 0)).intoArray(panel, at + 6 * LANES);
      ((FloatVector) bRest.lanewise(LSHR, 26).convert(I2F, 0)).intoArray(panel, at + 7 * LANES);
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
    long end = start + (long) scales * SCALE_BYTES;
    for (long cell = start; cell != end; cell += SCALE_BYTES) {
      FloatVector scale = FloatVector.fromArray(FLOATS, d, scaleFrom);
      FloatVector minimum = FloatVector.fromArray(FLOATS, m, scaleFrom);
      scaleFrom += LaneFormat.ROWS;
      IntVector rest = IntVector.zero(INTS);
      int pair = 0; // see LaneColumns.lower
      for (long word = cell; word != cell + SCALE_BYTES; word += 64, pair += 2) {
        IntVector q = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
        rest = rest.lanewise(LSHR, 4).or(q.and(REST));
        int to = at + (pair + (pair & ~3)) * panelWidth;
        ((FloatVector) q.and(63).convert(I2F, 0)).fma(scale, minimum).intoArray(panel, to);
        ((FloatVector) q.lanewise(LSHR, 16).and(63).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to + 4 * panelWidth);
        ((FloatVector) q.lanewise(LSHR, 6).and(63).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to + panelWidth);
        ((FloatVector) q.lanewise(LSHR, 22).and(63).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to + 5 * panelWidth);
      }
      ((FloatVector) rest.lanewise(LSHR, 4).and(63).convert(I2F, 0))
          .fma(scale, minimum)
          .intoArray(panel, at + 10 * panelWidth);
      ((FloatVector) rest.lanewise(LSHR, 20).and(63).convert(I2F, 0))
          .fma(scale, minimum)
          .intoArray(panel, at + 14 * panelWidth);
      ((FloatVector) rest.lanewise(LSHR, 10).and(63).convert(I2F, 0))
          .fma(scale, minimum)
          .intoArray(panel, at + 11 * panelWidth);
      ((FloatVector) rest.lanewise(LSHR, 26).convert(I2F, 0))
          .fma(scale, minimum)
          .intoArray(panel, at + 15 * panelWidth);
      at += 16 * panelWidth;
    }
  }
}
