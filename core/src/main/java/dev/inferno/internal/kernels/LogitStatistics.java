package dev.inferno.internal.kernels;

/// How the results of {@link Kernels#statistics} follow from its sums.
final class LogitStatistics {
  private LogitStatistics() {}

  /// @param sum the sum of e^(logit - max)
  /// @param weighted the sum of e^(logit - max) (logit - max)
  static void write(double[] out, float max, int argmax, double sum, double weighted) {
    double logSum = Math.log(sum);
    out[0] = Double.isNaN(sum) ? Double.NaN : max;
    out[1] = argmax;
    out[2] = max + logSum;
    out[3] = logSum - weighted / sum;
  }
}
