package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BY_1;
import static dev.inferno.internal.kernels.Simd.BY_2;
import static dev.inferno.internal.kernels.Simd.BY_4;
import static dev.inferno.internal.kernels.Simd.BY_8;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.INTS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static dev.inferno.internal.kernels.Simd.SHORTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/// Attention of one query over a page of half-precision keys and values.
///
/// The conversion is exact for every pattern: exponent and mantissa go to their places, and a
/// factor makes up for the difference of the exponents' biases, 127 - 15, which makes subnormal
/// numbers normal, too. An exponent of all ones, of infinities and of what is no number, becomes
/// all ones before. It does without masks, which cost more than they save.
final class HalfPages {
  private HalfPages() {}

  /// See {@link Kernels#scores}.
  static void scores(
      float[] q,
      int qAt,
      short[] keys,
      int keysAt,
      int stride,
      int headSize,
      int count,
      float scale,
      float[] scores,
      int at) {
    for (int i = 0; i < count; i++) {
      int keyAt = keysAt + i * stride;
      FloatVector sum = FloatVector.zero(FLOATS);
      int j = 0;
      for (; j <= headSize - LANES; j += LANES) {
        IntVector bits =
            (IntVector) ShortVector.fromArray(SHORTS, keys, keyAt + j).convertShape(S2I, INTS, 0);
        IntVector magnitude = bits.and(0x7FFF).lanewise(LSHL, 13);
        IntVector allOnes =
            magnitude.add(1 << 23).lanewise(LSHL, 3).lanewise(ASHR, 8).and(0x7F80_0000);
        FloatVector absolute = magnitude.or(allOnes).reinterpretAsFloats().mul(0x1p112f);
        FloatVector key =
            absolute.reinterpretAsInts().or(bits.and(0x8000_0000)).reinterpretAsFloats();
        sum = FloatVector.fromArray(FLOATS, q, qAt + j).fma(key, sum);
      }
      if (LANES > 8) {
        sum = sum.add(sum.rearrange(BY_8));
      }
      if (LANES > 4) {
        sum = sum.add(sum.rearrange(BY_4));
      }
      sum = sum.add(sum.rearrange(BY_2));
      float score = sum.add(sum.rearrange(BY_1)).lane(0);
      for (; j < headSize; j++) {
        score += q[qAt + j] * Float.float16ToFloat(keys[keyAt + j]);
      }
      scores[at + i] = scale * score;
    }
  }

  /// See {@link Kernels#mix}.
  static void mix(
      float[] weights,
      int at,
      short[] values,
      int valuesAt,
      int stride,
      int headSize,
      int count,
      float[] z,
      int zAt) {
    int j = 0;
    for (; j <= headSize - LANES; j += LANES) {
      FloatVector sum = FloatVector.fromArray(FLOATS, z, zAt + j);
      for (int i = 0; i < count; i++) {
        IntVector bits =
            (IntVector)
                ShortVector.fromArray(SHORTS, values, valuesAt + i * stride + j)
                    .convertShape(S2I, INTS, 0);
        IntVector magnitude = bits.and(0x7FFF).lanewise(LSHL, 13);
        IntVector allOnes =
            magnitude.add(1 << 23).lanewise(LSHL, 3).lanewise(ASHR, 8).and(0x7F80_0000);
        FloatVector absolute = magnitude.or(allOnes).reinterpretAsFloats().mul(0x1p112f);
        FloatVector value =
            absolute.reinterpretAsInts().or(bits.and(0x8000_0000)).reinterpretAsFloats();
        sum = FloatVector.broadcast(FLOATS, weights[at + i]).fma(value, sum);
      }
      sum.intoArray(z, zAt + j);
    }
    for (; j < headSize; j++) {
      for (int i = 0; i < count; i++) {
        z[zAt + j] += weights[at + i] * Float.float16ToFloat(values[valuesAt + i * stride + j]);
      }
    }
  }
}
