package dev.inferno.sampler;

/// A candidate packed in one `long`, so that the natural order of longs is the order of candidates:
/// falling logit, ties by the lowest id.
///
/// The upper half holds the logit's bits, made to fall as the logit rises, the lower half the id.
/// Minus zero is packed as zero, since the two are a tie.
final class Keys {
  private Keys() {}

  static long of(float logit, int id) {
    int bits = Float.floatToRawIntBits(logit + 0f); // -0f + 0f is 0f
    return ((long) ~rising(bits) << 32) | id;
  }

  /// The largest key of all that have at least this logit.
  static long last(float logit) {
    return of(logit, Integer.MAX_VALUE);
  }

  static int id(long key) {
    return (int) key;
  }

  static float logit(long key) {
    return Float.intBitsToFloat(rising(~(int) (key >> 32)));
  }

  /// Bits of floats ordered as ints: negative ones fall as their magnitude rises, so all but the
  /// sign is flipped. Its own inverse.
  static int rising(int bits) {
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }
}
