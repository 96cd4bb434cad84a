package dev.inferno.internal.jfr;

/// How fast something went.
final class Rate {
  private Rate() {}

  /// How many in a second; 0 if there was no time to measure.
  static double perSecond(int count, long nanos) {
    return nanos == 0 ? 0 : count * 1e9 / nanos;
  }
}
