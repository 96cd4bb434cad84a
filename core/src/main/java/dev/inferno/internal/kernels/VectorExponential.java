package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/// {@link Exponential} in every lane, to the bit.
final class VectorExponential {
  private VectorExponential() {}

  /// `out[i] = e^(factor * x[i] + addend)`.
  static void apply(float[] x, int xAt, float factor, float addend, float[] out, int outAt, int n) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, xAt + i).mul(factor).add(addend);
      FloatVector rounded = v.mul(Exponential.LOG2_E).add(Exponential.ROUNDER);
      FloatVector whole = rounded.sub(Exponential.ROUNDER);
      FloatVector r = v.sub(whole.mul(Exponential.LN2_HIGH)).sub(whole.mul(Exponential.LN2_LOW));
      FloatVector p = r.mul(Exponential.C7).add(Exponential.C6);
      p = p.mul(r).add(Exponential.C5);
      p = p.mul(r).add(Exponential.C4);
      p = p.mul(r).add(Exponential.C3);
      p = p.mul(r).add(Exponential.C2);
      p = p.mul(r.mul(r)).add(r).add(1);
      IntVector power = rounded.reinterpretAsInts().add(126).lanewise(LSHL, 23);
      p.mul(power.reinterpretAsFloats())
          .mul(2)
          .blend(0, v.compare(LT, Exponential.LOWEST))
          .blend(Float.POSITIVE_INFINITY, v.compare(GT, Exponential.HIGHEST))
          .intoArray(out, outAt + i);
    }
    for (; i < n; i++) {
      out[outAt + i] = Exponential.of(factor * x[xAt + i] + addend);
    }
  }
}
