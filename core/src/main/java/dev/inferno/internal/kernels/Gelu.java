package dev.inferno.internal.kernels;

/// The Gaussian error linear unit with the hyperbolic tangent, `x / 2 * (1 + tanh(sqrt(2 / pi) * (x
/// + 0.044715 x^3)))`, as GPT-2 and Gemma use it. <https://arxiv.org/abs/1606.08415>
final class Gelu {
  static final float ROOT_OF_2_BY_PI = 0.7978846f;
  static final float CUBIC = 0.044715f;

  private Gelu() {}

  static float of(float x) {
    float inner = (x * x * x * CUBIC + x) * ROOT_OF_2_BY_PI;
    return x * 0.5f * (HyperbolicTangent.of(inner) + 1);
  }
}
