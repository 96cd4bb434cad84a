package dev.inferno.internal.quant;

/// Rounding as ggml does it, in a form that the compiler makes vectors of.
final class Rounding {
  /// Added to a number below 2^22, it pushes the fraction out of the mantissa.
  private static final float PUSH = 0x1.8p23f;

  private Rounding() {}

  /// The nearest integer, of two that are as near the even one; for magnitudes below 2^22, beyond
  /// which it may be off by one and more.
  static float nearest(float x) {
    return (x + PUSH) - PUSH;
  }

  /// The nearest integer as ggml has it for any number: the same below 2^22, and beyond it whatever
  /// the low bits of the mantissa say.
  static int wrapped(float x) {
    return (Float.floatToRawIntBits(x + PUSH) & 0x7F_FFFF) - 0x40_0000;
  }

  /// The nearest integer, from 0 to `greatest`.
  static int nearest(float x, int greatest) {
    return Math.clamp((long) nearest(x), 0, greatest);
  }
}
