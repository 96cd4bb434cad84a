package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.BY_1;
import static dev.inferno.internal.kernels.Simd.BY_2;
import static dev.inferno.internal.kernels.Simd.BY_4;
import static dev.inferno.internal.kernels.Simd.BY_8;
import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;
import static jdk.incubator.vector.VectorOperators.MAX;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// A block of an online softmax. Its exponential is that of {@link Exponential} with fused products
/// and without the case of large numbers, since none is above 0.
final class VectorSoftmax {
  private VectorSoftmax() {}

  /// See {@link Kernels#softmaxBlock}.
  static void block(
      float[] scores, int rows, int n, float[] maxima, float[] sums, float[] factors) {
    for (int row = 0; row < rows; row++) {
      int at = row * n;
      FloatVector highest = FloatVector.fromArray(FLOATS, scores, at);
      for (int i = LANES; i < n; i += LANES) {
        highest = FloatVector.fromArray(FLOATS, scores, at + i).max(highest);
      }
      float max = Math.max(maxima[row], highest.reduceLanes(MAX));
      FloatVector total = FloatVector.zero(FLOATS);
      for (int i = 0; i < n; i += LANES) {
        FloatVector v = FloatVector.fromArray(FLOATS, scores, at + i).sub(max);
        FloatVector rounded =
            v.fma(
                FloatVector.broadcast(FLOATS, Exponential.LOG2_E),
                FloatVector.broadcast(FLOATS, Exponential.ROUNDER));
        FloatVector whole = rounded.sub(Exponential.ROUNDER);
        FloatVector r = whole.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), v);
        r = whole.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
        FloatVector p =
            r.fma(
                FloatVector.broadcast(FLOATS, Exponential.C7),
                FloatVector.broadcast(FLOATS, Exponential.C6));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
        p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
        p = p.fma(r.mul(r), r.add(1));
        IntVector power = rounded.reinterpretAsInts().add(127).lanewise(LSHL, 23);
        FloatVector e =
            p.mul(power.reinterpretAsFloats()).blend(0, v.compare(LT, Exponential.LOWEST));
        e.intoArray(scores, at + i);
        total = e.add(total);
      }
      if (LANES > 8) {
        total = total.add(total.rearrange(BY_8));
      }
      if (LANES > 4) {
        total = total.add(total.rearrange(BY_4));
      }
      total = total.add(total.rearrange(BY_2));
      float sum = total.add(total.rearrange(BY_1)).lane(0);
      float factor = Exponential.of(maxima[row] - max);
      factors[row] = factor;
      sums[row] = sums[row] * factor + sum;
      maxima[row] = max;
    }
  }
}
