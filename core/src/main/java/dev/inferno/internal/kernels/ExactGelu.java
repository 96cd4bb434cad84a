package dev.inferno.internal.kernels;

/// The Gaussian error linear unit as its paper defines it, `x * P(a normal number is below x)`.
/// <https://arxiv.org/abs/1606.08415>
///
/// The probability of the tail beyond |x| is `t * polynomial(t) * exp(-x^2 / 2)`, `t = 1 / (1 + p
/// |x| / sqrt(2))` (Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26), wrong by
/// less than 1e-7. The operations round the same in both kernel sets at every vector width.
final class ExactGelu {
  private static final float P_BY_ROOT_OF_2 = 0.23164189f;

  // half of the handbook's coefficients of the complementary error function
  private static final float T1 = 0.1274148f;
  private static final float T2 = -0.14224836f;
  private static final float T3 = 0.7107069f;
  private static final float T4 = -0.72657603f;
  private static final float T5 = 0.5307027f;

  private ExactGelu() {}

  static float of(float x) {
    return with(Exponential.of(exponent(x)), x);
  }

  /// What has to be exponentiated.
  static float exponent(float x) {
    return x * x * -0.5f;
  }

  /// The unit, given the exponential of its exponent.
  static float with(float e, float x) {
    float t = 1 / (Math.abs(x) * P_BY_ROOT_OF_2 + 1);
    float p = T5 * t + T4;
    p = p * t + T3;
    p = p * t + T2;
    p = p * t + T1;
    float tail = p * t * e;
    return x * (x < 0 ? tail : 1 - tail);
  }
}
