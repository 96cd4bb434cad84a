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

  /// See {@link LaneKernels#scales}. The groups take turns, since their pages do, see {@link
  /// LaneLayout}.
  static void scales(
      LaneFormat format,
      MemorySegment lanes,
      long group,
      long apart,
      int groups,
      int columns,
      float[] d,
      float[] m) {
    int blocks = columns / format.type().blockSize() * ROWS;
    int stride = columns / format.scaleColumns * ROWS;
    long second = group + 2L * blocks;
    switch (format.scales) {
      case D -> {
        halves(lanes, group, apart, groups, blocks, d);
        times(d, -format.center(), m, groups * stride);
      }
      case D_M -> {
        halves(lanes, group, apart, groups, blocks, d);
        halves(lanes, second, apart, groups, blocks, m);
      }
      case SUPER_D -> {
        factors(lanes, group, second, apart, groups, stride, 16, 1, d);
        times(d, -format.center(), m, groups * stride);
      }
      case SUPER_D_M -> {
        long factors = second + 2L * blocks;
        factors(lanes, group, factors, apart, groups, stride, 8, 1, d);
        factors(lanes, second, factors + stride, apart, groups, stride, 8, -1, m);
      }
    }
  }

  private static void times(float[] d, float factor, float[] m, int n) {
    for (int i = 0; i < n; i++) {
      m[i] = d[i] * factor;
    }
  }

  private static void halves(
      MemorySegment lanes, long from, long apart, int groups, int n, float[] out) {
    for (int i = 0; i < n; i += LANES) {
      long place = from + 2L * i;
      for (int at = i; at < groups * n; at += n, place += apart) {
        IntVector bits =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, lanes, place, nativeOrder())
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
            .intoArray(out, at);
      }
    }
  }

  /// `out[i] = sign * half * byte`, a half for each `per` bytes of a lane, `n` bytes in a group.
  private static void factors(
      MemorySegment lanes,
      long halves,
      long bytes,
      long apart,
      int groups,
      int n,
      int per,
      float sign,
      float[] out) {
    for (int block = 0; block < n; block += per * ROWS, halves += 2L * ROWS) {
      long place = 0;
      for (int at = block; at < groups * n; at += n, place += apart) {
        for (int first = 0; first < ROWS; first += LANES) {
          IntVector bits =
              (IntVector)
                  ShortVector.fromMemorySegment(
                          SHORTS, lanes, halves + place + 2L * first, nativeOrder())
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
          for (int i = first; i < per * ROWS; i += ROWS) {
            ((FloatVector)
                    ByteVector.fromMemorySegment(
                            BYTES, lanes, bytes + place + block + i, nativeOrder())
                        .convertShape(B2F, FLOATS, 0))
                .mul(half)
                .intoArray(out, at + i);
          }
        }
      }
    }
  }
}
