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

  /// One row of x, as {@link LaneColumns} has it, with four vectors of lanes, whose results lie one
  /// behind the other. Their cells begin at `start`, `start + next`, `start + far` and `start + far
  /// + next`: places that are far from each other are streams that memory gives side by side.
  ///
  /// @param scaleNext how far behind the scales of the first vector those of the second one are,
  ///   like `scaleFar`
  static void four(
      MemorySegment lanes,
      long start,
      long next,
      long far,
      int scales,
      float[] d,
      int scaleAt,
      int scaleNext,
      int scaleFar,
      float[] x,
      int xAt,
      float[] out,
      int outAt) {
    FloatVector.zero(FLOATS).intoArray(out, outAt);
    FloatVector.zero(FLOATS).intoArray(out, outAt + LANES);
    FloatVector.zero(FLOATS).intoArray(out, outAt + 2 * LANES);
    FloatVector.zero(FLOATS).intoArray(out, outAt + 3 * LANES);
    long end = start + (long) scales * CELL_BYTES;
    for (long cell = start; cell != end; cell += CELL_BYTES) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = FloatVector.zero(FLOATS);
      FloatVector b0 = FloatVector.zero(FLOATS);
      FloatVector b1 = FloatVector.zero(FLOATS);
      FloatVector c0 = FloatVector.zero(FLOATS);
      FloatVector c1 = FloatVector.zero(FLOATS);
      FloatVector e0 = FloatVector.zero(FLOATS);
      FloatVector e1 = FloatVector.zero(FLOATS);
      for (long word = cell; word != cell + CELL_BYTES; word += 64, xAt += 4) {
        IntVector a = IntVector.fromMemorySegment(INTS, lanes, word, nativeOrder());
        IntVector b = IntVector.fromMemorySegment(INTS, lanes, word + next, nativeOrder());
        IntVector c = IntVector.fromMemorySegment(INTS, lanes, word + far, nativeOrder());
        IntVector e = IntVector.fromMemorySegment(INTS, lanes, word + far + next, nativeOrder());
        FloatVector y = FloatVector.broadcast(FLOATS, x[xAt]);
        a0 = ((FloatVector) a.lanewise(LSHL, 24).convert(I2F, 0)).fma(y, a0);
        b0 = ((FloatVector) b.lanewise(LSHL, 24).convert(I2F, 0)).fma(y, b0);
        c0 = ((FloatVector) c.lanewise(LSHL, 24).convert(I2F, 0)).fma(y, c0);
        e0 = ((FloatVector) e.lanewise(LSHL, 24).convert(I2F, 0)).fma(y, e0);
        y = FloatVector.broadcast(FLOATS, x[xAt + 1]);
        a1 = ((FloatVector) a.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(y, a1);
        b1 = ((FloatVector) b.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(y, b1);
        c1 = ((FloatVector) c.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(y, c1);
        e1 = ((FloatVector) e.lanewise(LSHL, 8).and(TOP).convert(I2F, 0)).fma(y, e1);
        y = FloatVector.broadcast(FLOATS, x[xAt + 2]);
        a0 = ((FloatVector) a.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(y, a0);
        b0 = ((FloatVector) b.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(y, b0);
        c0 = ((FloatVector) c.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(y, c0);
        e0 = ((FloatVector) e.lanewise(LSHL, 16).and(TOP).convert(I2F, 0)).fma(y, e0);
        y = FloatVector.broadcast(FLOATS, x[xAt + 3]);
        a1 = ((FloatVector) a.and(TOP).convert(I2F, 0)).fma(y, a1);
        b1 = ((FloatVector) b.and(TOP).convert(I2F, 0)).fma(y, b1);
        c1 = ((FloatVector) c.and(TOP).convert(I2F, 0)).fma(y, c1);
        e1 = ((FloatVector) e.and(TOP).convert(I2F, 0)).fma(y, e1);
      }
      a0.add(a1)
          .fma(FloatVector.fromArray(FLOATS, d, scaleAt), FloatVector.fromArray(FLOATS, out, outAt))
          .intoArray(out, outAt);
      b0.add(b1)
          .fma(
              FloatVector.fromArray(FLOATS, d, scaleAt + scaleNext),
              FloatVector.fromArray(FLOATS, out, outAt + LANES))
          .intoArray(out, outAt + LANES);
      c0.add(c1)
          .fma(
              FloatVector.fromArray(FLOATS, d, scaleAt + scaleFar),
              FloatVector.fromArray(FLOATS, out, outAt + 2 * LANES))
          .intoArray(out, outAt + 2 * LANES);
      e0.add(e1)
          .fma(
              FloatVector.fromArray(FLOATS, d, scaleAt + scaleFar + scaleNext),
              FloatVector.fromArray(FLOATS, out, outAt + 3 * LANES))
          .intoArray(out, outAt + 3 * LANES);
      scaleAt += LaneFormat.ROWS;
    }
  }

  /// The same with two vectors of lanes, for what four leave.
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
      int outAt) {
    FloatVector.zero(FLOATS).intoArray(out, outAt);
    FloatVector.zero(FLOATS).intoArray(out, outAt + LANES);
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
              FloatVector.fromArray(FLOATS, out, outAt + LANES))
          .intoArray(out, outAt + LANES);
      scaleAt += LaneFormat.ROWS;
    }
  }

  /// What {@link #four} multiplies, of two vectors of lanes, `panel[column * 2 * LANES + lane]`,
  /// one lying beside the other, the columns in the order of {@link LaneColumns}.
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
