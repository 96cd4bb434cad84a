package dev.inferno.internal.kernels;

/// The hyperbolic tangent in single precision, in plain operations that round the same in both
/// kernel sets at every vector width, as {@link Exponential} does.
///
/// Near zero a polynomial (coefficients of Cephes' `tanhf`), elsewhere `1 - 2 / (e^2|x| + 1)` with
/// the sign of x; the relative error is about 2e-7 everywhere.
final class HyperbolicTangent {
  /// Below this magnitude the polynomial is the better one.
  static final float SMALL = 0.625f;

  static final float C3 = -0.3333328f;
  static final float C5 = 0.13331442f;
  static final float C7 = -0.053739715f;
  static final float C9 = 0.020639088f;
  static final float C11 = -0.0057049887f;

  private HyperbolicTangent() {}

  static float of(float x) {
    float magnitude = Math.abs(x);
    if (magnitude < SMALL) {
      float z = x * x;
      float p = C11 * z + C9;
      p = p * z + C7;
      p = p * z + C5;
      p = p * z + C3;
      return p * z * x + x;
    }
    float t = 1 - 2 / (Exponential.of(magnitude * 2) + 1);
    return x < 0 ? -t : t;
  }
}
