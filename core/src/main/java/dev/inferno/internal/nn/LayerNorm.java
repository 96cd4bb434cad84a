package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Kernels;
import dev.inferno.internal.kernels.Rows;

/// Layer normalization: `(x - mean) / sqrt(variance + epsilon) * gain + bias`.
/// <https://arxiv.org/abs/1607.06450>
public final class LayerNorm {
  private final float[] gain;
  private final float[] bias;
  private final float epsilon;
  private final Kernels kernels;

  /// The norm with this gain and this bias, one of each per column.
  public LayerNorm(float[] gain, float[] bias, float epsilon, Kernels kernels) {
    this.gain = gain;
    this.bias = bias;
    this.epsilon = epsilon;
    this.kernels = kernels;
  }

  /// Its numbers.
  public NormWeights weights() {
    return new NormWeights(gain, bias, epsilon);
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
      int at = row * width;
      kernels.layerNorm(x.data(), at, gain, bias, epsilon, out.data(), at, width);
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
    Rows normalized = work.normalized.resize(x.rows(), x.longRows());
    for (int row = 0; row < x.rows(); row++) {
      double sum = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        sum += x.data()[i];
      }
      double squares = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        float centred = (float) (x.data()[i] - sum / width);
        normalized.data()[i] = centred;
        squares += (double) centred * centred;
      }
      scales.data()[row] = (float) Math.sqrt(squares / width + epsilon);
    }
    work.showScales(points, layer, probe);

    for (int i = 0; i < x.rows() * width; i++) {
      normalized.data()[i] /= scales.data()[i / width];
    }
    work.showNormalized(points, layer, probe);
    work.gainChanged(gain, bias, out);
  }
}
