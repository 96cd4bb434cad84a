package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// Lanes of 8 bits, as {@link VectorLanes4} goes: a byte with a sign is moved to the top of its
/// word, and what is below it is masked.
final class VectorLanes8 {
  private static final int CELL_BYTES = 512;
  private static final int TOP = 0xFF00_0000;

  private VectorLanes8() {}

  /// One row of x, as {@link LaneColumns} has it, with two vectors of lanes, whose cells begin at
  /// `start` and `start + next`.
  ///
  /// @param scaleNext how far behind the scales of the first vector those of the second one are
  /// @param outNext the same of their results
  static void two(
      MemorySegment lanes,
      long start,
      long next,
      int scales,
      float[] d,
      int scaleAt,
      int scaleNext,
      float[] x,
      int xAt,
      float[] out,
      int outAt,
      int outNext) {
    FloatVector.zero(FLOATS).intoArray(out, outAt);
    FloatVector.zero(FLOATS).intoArray(out, outAt + outNext);
    long end = start + (long) scales * CELL_BYTES;
    for (long cell = start; cell != end; cell += CELL_BYTES) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = FloatVector.zero(FLOATS);
      FloatVector b0 = FloatVector.zero(FLOATS);
      FloatVector b1 = FloatVector.zero(FLOATS);
      for (long word = cell; word != cell + CELL_BYTES; word += 64, xAt += 4) {
        IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
        IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
        FloatVector y = FloatVector.broadcast(FLOATS, x[xAt]);
        a0 = ((FloatVector) a.lanewise(LSHL, 24).convert(I2F, 0)).fma(y, a0);
        b0 = ((FloatVector) b.lanewise(LSHL, 24).convert(I2F, 0)).fma(y, b0);
        y = FloatVector.broadcast(FLOATS, x[xAt + 1]);
        a1 = ((FloatVector) a.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(y, a1);
        b1 = ((FloatVector) b.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(y, b1);
        y = FloatVector.broadcast(FLOATS, x[xAt + 2]);
        a0 = ((FloatVector) a.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(y, a0);
        b0 = ((FloatVector) b.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(y, b0);
        y = FloatVector.broadcast(FLOATS, x[xAt + 3]);
        a1 = ((FloatVector) a.and(TOP).convert(I2F, 0)).fma(y, a1);
        b1 = ((FloatVector) b.and(TOP).convert(I2F, 0)).fma(y, b1);
      }
      a0.add(a1)
          .fma(FloatVector.fromArray(FLOATS, d, scaleAt), FloatVector.fromArray(FLOATS, out, outAt))
          .intoArray(out, outAt);
      b0.add(b1)
          .fma(
              FloatVector.fromArray(FLOATS, d, scaleAt + scaleNext),
              FloatVector.fromArray(FLOATS, out, outAt + outNext))
          .intoArray(out, outAt + outNext);
      scaleAt += LaneFormat.ROWS;
    }
  }

  /// What {@link #two} multiplies, `panel[column * 2 * LANES + lane]`, a vector of each of the two
  /// lying beside the other, the columns in the order of {@link LaneColumns}.
  static void unpack(MemorySegment lanes, long start, long next, int scales, float[] panel) {
    int at = 0;
    long end = start + (long) scales * CELL_BYTES;
    for (long word = start; word != end; word += 64, at += 8 * LANES) {
      IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
      IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
      ((FloatVector) a.lanewise(LSHL, 24).convert(I2F, 0)).intoArray(panel, at);
      ((FloatVector) b.lanewise(LSHL, 24).convert(I2F, 0)).intoArray(panel, at + LANES);
      ((FloatVector) a.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).intoArray(panel, at + 2 * LANES);
      ((FloatVector) b.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).intoArray(panel, at + 3 * LANES);
      ((FloatVector) a.lanewise(LSHL, 16).and(TOP).convert(I2F, 0))
          .intoArray(panel, at + 4 * LANES);
      ((FloatVector) b.lanewise(LSHL, 16).and(TOP).convert(I2F, 0))
          .intoArray(panel, at + 5 * LANES);
      ((FloatVector) a.and(TOP).convert(I2F, 0)).intoArray(panel, at + 6 * LANES);
      ((FloatVector) b.and(TOP).convert(I2F, 0)).intoArray(panel, at + 7 * LANES);
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
      int pair = 0; // see LaneColumns.lower
      for (long word = cell; word != cell + CELL_BYTES; word += 64, pair += 2) {
        IntVector q = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
        int to = at + (pair + (pair & ~3)) * panelWidth;
        ((FloatVector) q.lanewise(LSHL, 24).lanewise(ASHR, 24).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to);
        ((FloatVector) q.lanewise(LSHL, 16).lanewise(ASHR, 24).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to + panelWidth);
        ((FloatVector) q.lanewise(LSHL, 8).lanewise(ASHR, 24).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to + 4 * panelWidth);
        ((FloatVector) q.lanewise(ASHR, 24).convert(I2F, 0))
            .fma(scale, minimum)
            .intoArray(panel, to + 5 * panelWidth);
      }
      at += 32 * panelWidth;
    }
  }
}
