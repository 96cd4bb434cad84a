package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Root mean square layer normalization: `x / sqrt(mean(x^2) + epsilon) * gain`.
/// <https://arxiv.org/abs/1910.07467>
public final class RmsNorm implements HeadNorm {
  private final float[] gain;
  private final float epsilon;
  private final Kernels kernels;

  /// The norm with this gain, one factor per column.
  public RmsNorm(float[] gain, float epsilon, Kernels kernels) {
    this.gain = gain;
    this.epsilon = epsilon;
    this.kernels = kernels;
  }

  /// Its numbers.
  public NormWeights weights() {
    return new NormWeights(gain, new float[0], epsilon);
  }

  /// Norms every row of `x` into `out`.
  public void apply(Rows x, Rows out) {
    out.resize(x.rows(), x.longRows());
    if (x.rows() <= Rows.SHORT_SEGMENT) {
      apply(x, out, 0, x.rows());
    } else {
      RowBlocks.share(x.rows(), x.threads(), (from, to) -> apply(x, out, from, to));
    }
  }

  private void apply(Rows x, Rows out, int from, int to) {
    int width = x.width();
    for (int row = from; row < to; row++) {
      kernels.rmsNorm(x.data(), row * width, gain, epsilon, out.data(), row * width, width);
    }
  }

  /// The same, shown. A row whose scale or normalized values are changed follows from them.
  public void apply(Rows x, Rows out, NormPoints points, int layer, State state, Probe probe) {
    apply(x, out);
    if (probe.wants(points.scale(), layer) || probe.wants(points.normalized(), layer)) {
      showParts(x, out, points, layer, state.norm, probe);
    }
    probe.at(points.out(), layer, out);
  }

  private void showParts(
      Rows x, Rows out, NormPoints points, int layer, NormWork work, Probe probe) {
    int width = x.width();
    Rows scales = work.scales.resize(x.rows(), x.longRows());
    for (int row = 0; row < x.rows(); row++) {
      double squares = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        squares += (double) x.data()[i] * x.data()[i];
      }
      scales.data()[row] = (float) Math.sqrt(squares / width + epsilon);
    }
    work.showScales(points, layer, probe);

    Rows normalized = work.normalized.resize(x.rows(), x.longRows());
    for (int i = 0; i < x.rows() * width; i++) {
      normalized.data()[i] = x.data()[i] / scales.data()[i / width];
    }
    work.showNormalized(points, layer, probe);
    work.gainChanged(gain, new float[0], out);
  }

  /// Norms the part piece by piece: a piece is as long as the gain, a head or all heads of a row,
  /// and the part is a whole number of pieces.
  @Override
  public void applyInPlace(Rows x, int at, int width) {
    for (int row = 0; row < x.rows(); row++) {
      int begin = row * x.width() + at;
      for (int piece = begin; piece < begin + width; piece += gain.length) {
        kernels.rmsNorm(x.data(), piece, gain, epsilon, x.data(), piece, gain.length);
      }
    }
  }
}
