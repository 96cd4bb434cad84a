package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BY_1;
import static dev.inferno.internal.kernels.Simd.BY_2;
import static dev.inferno.internal.kernels.Simd.BY_4;
import static dev.inferno.internal.kernels.Simd.BY_8;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;

/// Attention of one query over a page of float keys and values.
final class VectorPages {
  private VectorPages() {}

  /// See {@link Kernels#scores}.
  static void scores(
      float[] q,
      int qAt,
      float[] keys,
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
        FloatVector key = FloatVector.fromArray(FLOATS, keys, keyAt + j);
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
        score += q[qAt + j] * keys[keyAt + j];
      }
      scores[at + i] = scale * score;
    }
  }

  /// See {@link Kernels#mix}.
  static void mix(
      float[] weights,
      int at,
      float[] values,
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
        FloatVector value = FloatVector.fromArray(FLOATS, values, valuesAt + i * stride + j);
        sum = FloatVector.broadcast(FLOATS, weights[at + i]).fma(value, sum);
      }
      sum.intoArray(z, zAt + j);
    }
    for (; j < headSize; j++) {
      for (int i = 0; i < count; i++) {
        z[zAt + j] += weights[at + i] * values[valuesAt + i * stride + j];
      }
    }
  }
}
