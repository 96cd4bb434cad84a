package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BY_1;
import static dev.inferno.internal.kernels.Simd.BY_2;
import static dev.inferno.internal.kernels.Simd.BY_4;
import static dev.inferno.internal.kernels.Simd.BY_8;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// What comes of a whole array: its sum, its maximum, where it is.
///
/// In loops it is the loaded vector that is asked, never the one that accumulates: of the former
/// the compiler knows the class, of the latter only what it saw, which is nothing while all arrays
/// were shorter than a vector; then each round would be two objects of garbage for good.
final class VectorReductions {
  private VectorReductions() {}

  /// The sum, in an order that depends on n only.
  static float sum(float[] x, int at, int n) {
    FloatVector sums = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      sums = FloatVector.fromArray(FLOATS, x, at + i).add(sums);
    }
    if (LANES > 8) {
      sums = sums.add(sums.rearrange(BY_8));
    }
    if (LANES > 4) {
      sums = sums.add(sums.rearrange(BY_4));
    }
    sums = sums.add(sums.rearrange(BY_2));
    float sum = sums.add(sums.rearrange(BY_1)).lane(0);
    for (; i < n; i++) {
      sum += x[at + i];
    }
    return sum;
  }

  /// The sum of `weights[i] * (x[at + i] + addend)`, where minus infinity counts as a finite
  /// number, as its weight is 0.
  static float weighted(float[] weights, float[] x, int at, float addend, int n) {
    FloatVector sums = FloatVector.zero(FLOATS);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector value = FloatVector.fromArray(FLOATS, x, at + i).add(addend);
      sums = value.max(-Float.MAX_VALUE).fma(FloatVector.fromArray(FLOATS, weights, i), sums);
    }
    if (LANES > 8) {
      sums = sums.add(sums.rearrange(BY_8));
    }
    if (LANES > 4) {
      sums = sums.add(sums.rearrange(BY_4));
    }
    sums = sums.add(sums.rearrange(BY_2));
    float sum = sums.add(sums.rearrange(BY_1)).lane(0);
    for (; i < n; i++) {
      sum += weights[i] * Math.max(x[at + i] + addend, -Float.MAX_VALUE);
    }
    return sum;
  }

  /// The maximum, not a number if one of them is none.
  static float max(float[] x, int at, int n) {
    FloatVector highest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      highest = FloatVector.fromArray(FLOATS, x, at + i).max(highest);
    }
    float max = highest.reduceLanes(VectorOperators.MAX);
    for (; i < n; i++) {
      max = Math.max(max, x[at + i]);
    }
    return max;
  }

  /// The first index of a number that is there; n - 1 if it is not.
  static int indexOf(float wanted, float[] x, int at, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      VectorMask<Float> equal = FloatVector.fromArray(FLOATS, x, at + i).eq(wanted);
      if (equal.anyTrue()) {
        return i + equal.firstTrue();
      }
    }
    while (i < n - 1 && x[at + i] != wanted) {
      i++;
    }
    return Math.min(i, n - 1);
  }
}
