package dev.inferno.observe.analysis;

import java.util.Optional;

/// A final norm with the divisor that it had for one row, which makes it linear: `(x - mean(x)) /
/// scale * gain + bias`, without the mean and the bias for a root mean square norm. Immutable.
public final class FrozenNorm {
  private final double scale;
  private final float[] gain;
  private final Optional<float[]> bias; // present in a norm that takes the mean off

  private FrozenNorm(double scale, float[] gain, Optional<float[]> bias) {
    this.scale = scale;
    this.gain = gain;
    this.bias = bias;
  }

  /// A root mean square norm, frozen where it norms this row: <https://arxiv.org/abs/1910.07467>
  ///
  /// @param residual `[width]`: what it norms, the last `Hook.RESID_POST`
  /// @param gain `[width]`
  /// @param epsilon what is added to the mean square
  /// @throws IllegalArgumentException if the lengths differ, a number is not finite, or the scale
  ///   would be 0
  public static FrozenNorm rootMeanSquare(float[] residual, float[] gain, double epsilon) {
    requireFit(residual, gain, "the gain");
    return new FrozenNorm(scale(residual, 0, epsilon), gain.clone(), Optional.empty());
  }

  /// A layer norm, frozen where it norms this row: <https://arxiv.org/abs/1607.06450>
  ///
  /// @param residual `[width]`: what it norms, the last `Hook.RESID_POST`
  /// @param gain `[width]`
  /// @param bias `[width]`, zeros if it has none
  /// @param epsilon what is added to the variance
  /// @throws IllegalArgumentException if the lengths differ, a number is not finite, or the scale
  ///   would be 0
  public static FrozenNorm layer(float[] residual, float[] gain, float[] bias, double epsilon) {
    requireFit(residual, gain, "the gain");
    requireFit(residual, bias, "the bias");
    double scale = scale(residual, mean(residual), epsilon);
    return new FrozenNorm(scale, gain.clone(), Optional.of(bias.clone()));
  }

  private static void requireFit(float[] residual, float[] parameter, String what) {
    Arguments.requireAtLeast("the width", residual.length, 1);
    Arguments.requireLength(what, parameter, residual.length);
    Arguments.requireFinite("the residual", residual);
    Arguments.requireFinite(what, parameter);
  }

  private static double scale(float[] residual, double mean, double epsilon) {
    double sum = 0;
    for (float value : residual) {
      sum += (value - mean) * (value - mean);
    }
    double scale = Math.sqrt(sum / residual.length + epsilon);
    if (!(scale > 0 && scale < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the scale of the norm must be positive, but is %s with epsilon %s"
              .formatted(scale, epsilon));
    }
    return scale;
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  /// The length of the rows that it norms.
  public int width() {
    return gain.length;
  }

  /// What it divides by.
  public double scale() {
    return scale;
  }

  /// A direction as it is before the norm: its dot product with a part of the row is that of the
  /// given direction, which is one behind the norm, with the norm of the part, without the bias.
  ///
  /// @param direction `[width]`, such as a row of the output matrix
  /// @return `[width]`
  /// @throws IllegalArgumentException if the length differs, or a number is not finite
  public float[] before(float[] direction) {
    Arguments.requireLength("the direction", direction, width());
    Arguments.requireFinite("the direction", direction);
    double mean = 0; // of the products, since a layer norm takes the mean of the part off
    for (int i = 0; i < width() && bias.isPresent(); i++) {
      mean += (double) direction[i] * gain[i] / width();
    }
    float[] before = new float[width()];
    for (int i = 0; i < before.length; i++) {
      before[i] = (float) (((double) direction[i] * gain[i] - mean) / scale);
    }
    return before;
  }

  /// The dot product of a direction with the norm of a part of the row, without the bias. Over
  /// parts that sum to the row, these sum to the product with the norm of the row: also for a layer
  /// norm, since the mean of a sum is the sum of the means.
  double along(float[] direction, float[] part) {
    double mean = bias.isPresent() ? mean(part) : 0;
    double sum = 0;
    for (int i = 0; i < part.length; i++) {
      sum += (part[i] - mean) * gain[i] * direction[i];
    }
    return sum / scale;
  }

  /// The dot product of a direction with the bias, 0 without one.
  double biasAlong(float[] direction) {
    double sum = 0;
    for (int i = 0; i < width() && bias.isPresent(); i++) {
      sum += (double) bias.get()[i] * direction[i];
    }
    return sum;
  }
}
