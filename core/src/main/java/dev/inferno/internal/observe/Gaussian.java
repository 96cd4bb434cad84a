package dev.inferno.internal.observe;

import dev.inferno.observe.Intervention;

/// Normally distributed numbers that depend on where they stand and on nothing else; {@link
/// Intervention.Noise} says how they are made.
final class Gaussian {
  private Gaussian() {}

  /// What all numbers of a seed and a point have in common.
  static long key(long seed, String name) {
    long key = seed;
    for (int i = 0; i < name.length(); i++) {
      key = draw(key, name.charAt(i));
    }
    return key;
  }

  /// The number of an element of a row.
  static double at(long key, int position, int element) {
    long own = draw(draw(key, position), element);
    double u = ((draw(own, 0) >>> 11) + 1) * 0x1.0p-53; // over 0, so that it has a logarithm
    double v = (draw(own, 1) >>> 11) * 0x1.0p-53;
    return StrictMath.sqrt(-2 * StrictMath.log(u)) * StrictMath.cos(2 * Math.PI * v);
  }

  /// The n-th number, counted from 0, of a SplitMix64 that begins with `seed`.
  private static long draw(long seed, long n) {
    long z = seed + (n + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
