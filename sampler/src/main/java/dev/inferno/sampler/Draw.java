package dev.inferno.sampler;

/// The random number behind a choice: everything needed to make it again. Immutable.
///
/// @param seed the seed of the state
/// @param index the index of the generated token, from 0
/// @param u uniform in [0, 1), a function of the two unless the caller gave it
public record Draw(long seed, long index, double u) {
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  /// The draw for the generated token `index`: output `index` of SplitMix64 (Steele, Lea and Flood,
  /// 2014), of which the upper 53 bits are used. Any token's draw is found without those before it.
  public static Draw of(long seed, long index) {
    return new Draw(seed, index, u(seed, index));
  }

  static double u(long seed, long index) {
    return (mix64(seed + (index + 1) * GOLDEN_GAMMA) >>> 11) * 0x1.0p-53;
  }

  private static long mix64(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
