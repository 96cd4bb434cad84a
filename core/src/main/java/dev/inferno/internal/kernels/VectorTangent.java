package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// {@link HyperbolicTangent} in every lane, to the bit.
///
/// Whole arrays are passed on, since a method that takes and gives vectors is garbage at each call
/// where the compiler does not inline it.
final class VectorTangent {
  private VectorTangent() {}

  /// `x[i] = tanh(x[i])` for the first n elements.
  ///
  /// @param e room for n floats
  static void apply(float[] x, int n, float[] e) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector.fromArray(FLOATS, x, i).abs().mul(2).intoArray(e, i);
    }
    VectorExponential.apply(e, 0, 1, 0, e, 0, i);
    int vectors = i;
    for (i = 0; i < vectors; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      FloatVector z = v.mul(v);
      FloatVector p = z.mul(HyperbolicTangent.C11).add(HyperbolicTangent.C9);
      p = p.mul(z).add(HyperbolicTangent.C7);
      p = p.mul(z).add(HyperbolicTangent.C5);
      p = p.mul(z).add(HyperbolicTangent.C3);
      p = p.mul(z).mul(v).add(v);
      FloatVector beyond = FloatVector.fromArray(FLOATS, e, i).add(1);
      FloatVector share = FloatVector.broadcast(FLOATS, 2).div(beyond);
      FloatVector t = FloatVector.broadcast(FLOATS, 1).sub(share);
      t.blend(t.neg(), v.compare(LT, 0))
          .blend(p, v.abs().compare(LT, HyperbolicTangent.SMALL))
          .intoArray(x, i);
    }
    for (; i < n; i++) {
      x[i] = HyperbolicTangent.of(x[i]);
    }
  }
}
