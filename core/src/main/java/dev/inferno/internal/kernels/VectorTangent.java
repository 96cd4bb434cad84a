package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static jdk.incubator.vector.VectorOperators.LT;

import jdk.incubator.vector.FloatVector;

/// {@link HyperbolicTangent} in every lane, to the bit.
final class VectorTangent {
  private VectorTangent() {}

  static FloatVector of(FloatVector x) {
    FloatVector magnitude = x.abs();
    FloatVector z = x.mul(x);
    FloatVector p = z.mul(HyperbolicTangent.C11).add(HyperbolicTangent.C9);
    p = p.mul(z).add(HyperbolicTangent.C7);
    p = p.mul(z).add(HyperbolicTangent.C5);
    p = p.mul(z).add(HyperbolicTangent.C3);
    p = p.mul(z).mul(x).add(x);
    FloatVector two = FloatVector.broadcast(FLOATS, 2);
    FloatVector e = VectorExponential.of(magnitude.mul(2));
    FloatVector t = FloatVector.broadcast(FLOATS, 1).sub(two.div(e.add(1)));
    return t.blend(t.neg(), x.compare(LT, 0))
        .blend(p, magnitude.compare(LT, HyperbolicTangent.SMALL));
  }
}
