package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.Simd.FLOATS;
import static dev.inferno.internal.kernels.Simd.LANES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/// Rotations of pairs of numbers. The products are not fused, so that the scalar twin has the same
/// bits.
final class VectorRotation {
  /// Each number's neighbour: 1 0 3 2 and so on.
  private static final VectorShuffle<Float> NEIGHBOUR =
      VectorShuffle.fromOp(FLOATS, lane -> lane ^ 1);

  private VectorRotation() {}

  /// See {@link Kernels#rotateHalves}.
  static void halves(float[] x, int at, int pairs, float[] cosines, float[] sines, int angles) {
    int i = 0;
    for (; i <= pairs - LANES; i += LANES) {
      FloatVector a = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector b = FloatVector.fromArray(FLOATS, x, at + pairs + i);
      FloatVector cosine = FloatVector.fromArray(FLOATS, cosines, angles + i);
      FloatVector sine = FloatVector.fromArray(FLOATS, sines, angles + i);
      a.mul(cosine).sub(b.mul(sine)).intoArray(x, at + i);
      a.mul(sine).add(b.mul(cosine)).intoArray(x, at + pairs + i);
    }
    for (; i < pairs; i++) {
      float a = x[at + i];
      float b = x[at + pairs + i];
      x[at + i] = a * cosines[angles + i] - b * sines[angles + i];
      x[at + pairs + i] = a * sines[angles + i] + b * cosines[angles + i];
    }
  }

  /// See {@link Kernels#rotateNeighbours}.
  static void neighbours(float[] x, int at, int n, float[] cosines, float[] sines, int angles) {
    int i = 0;
    for (; i <= n - LANES; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, at + i);
      FloatVector cosine = FloatVector.fromArray(FLOATS, cosines, angles + i);
      FloatVector sine = FloatVector.fromArray(FLOATS, sines, angles + i);
      v.mul(cosine).add(v.rearrange(NEIGHBOUR).mul(sine)).intoArray(x, at + i);
    }
    for (; i < n; i += 2) {
      float a = x[at + i];
      float b = x[at + i + 1];
      x[at + i] = a * cosines[angles + i] + b * sines[angles + i];
      x[at + i + 1] = b * cosines[angles + i + 1] + a * sines[angles + i + 1];
    }
  }
}
