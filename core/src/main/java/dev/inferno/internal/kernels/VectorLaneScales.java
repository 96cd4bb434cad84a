package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BYTES;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.kernels.Simd.SHORTS;
import static java.nio.ByteOrder.nativeOrder;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.FMA;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// The scales of lanes, halves and bytes, as floats. How halves become floats {@link VectorF16}
/// tells; those of Q6_K are mostly subnormal.
final class VectorLaneScales {
  private static final int ROWS = LaneFormat.ROWS;

  private VectorLaneScales() {}

  /// See {@link LaneKernels#scales}.
  static void scales(
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
      IntVector normal = bits.lanewise(LSHL, 13).and(VectorF16.MAGNITUDE).or(VectorF16.BIAS);
      IntVector subnormal =
          normal
              .reinterpretAsFloats()
              .lanewise(FMA, 2, -VectorF16.LOWEST_NORMAL)
              .reinterpretAsInts();
      normal
          .min(subnormal)
          .or(bits.and(VectorF16.SIGN))
          .reinterpretAsFloats()
          .mul(VectorF16.SCALE)
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
        IntVector normal = bits.lanewise(LSHL, 13).and(VectorF16.MAGNITUDE).or(VectorF16.BIAS);
        IntVector subnormal =
            normal
                .reinterpretAsFloats()
                .lanewise(FMA, 2, -VectorF16.LOWEST_NORMAL)
                .reinterpretAsInts();
        FloatVector half =
            normal
                .min(subnormal)
                .or(bits.and(VectorF16.SIGN))
                .reinterpretAsFloats()
                .mul(sign * VectorF16.SCALE);
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
}
