package dev.inferno.internal.kernels;

/// e to the power of x in single precision, in plain operations that round the same in both kernel
/// sets at every vector width; the JDK's own vector `EXP` does not.
///
/// x is split into n ln 2 + r with |r| <= ln 2 / 2; e^r is a polynomial (coefficients of Cephes'
/// `expf`, relative error about 1e-7) and 2^n is put into the exponent. The products are not fused,
/// so that machines without fused multiply-add agree.
final class Exponential {
  /// Below this the result is 0; it would be less than 2^-125.
  static final float LOWEST = -86.6f;

  /// Above this the result is infinite.
  static final float HIGHEST = 88.72283f;

  static final float LOG2_E = 1.442695f;

  /// ln 2 in two parts, the first of so few bits that n times it is exact.
  static final float LN2_HIGH = 355f / 512;

  static final float LN2_LOW = -2.1219444e-4f;

  /// Adding and subtracting 1.5 * 2^23 rounds to the nearest whole number.
  static final float ROUNDER = 12582912f;

  static final float C2 = 0.5f;
  static final float C3 = 0.16666666f;
  static final float C4 = 0.041665796f;
  static final float C5 = 0.008333452f;
  static final float C6 = 0.0013981999f;
  static final float C7 = 1.9875691e-4f;

  private Exponential() {}

  static float of(float x) {
    if (x < LOWEST) {
      return 0;
    }
    float rounded = x * LOG2_E + ROUNDER;
    float n = rounded - ROUNDER;
    float r = (x - n * LN2_HIGH) - n * LN2_LOW;
    float p = C7 * r + C6;
    p = p * r + C5;
    p = p * r + C4;
    p = p * r + C3;
    p = p * r + C2;
    p = p * (r * r) + r + 1;
    // n is in the low bits of what was rounded; 2^n in two steps, since 2^128 is no float
    float y = p * Float.intBitsToFloat((Float.floatToRawIntBits(rounded) + 126) << 23) * 2;
    return x > HIGHEST ? Float.POSITIVE_INFINITY : y;
  }
}
