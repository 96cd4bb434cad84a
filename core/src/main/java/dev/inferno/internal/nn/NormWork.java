package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// The parts of a norm that the fast kernels do not form, computed beside them when somebody wants
/// them.
final class NormWork {
  final Rows scales = new Rows(1, 1);
  final Rows normalized;
  private final Snapshot scalesBefore = new Snapshot();
  private final Snapshot normalizedBefore = new Snapshot();

  NormWork(int width) {
    this.normalized = new Rows(1, width);
  }

  void showScales(NormPoints points, int layer, Probe probe) {
    scalesBefore.take(scales, probe.edits(points.scale(), layer));
    probe.at(points.scale(), layer, scales);
  }

  void showNormalized(NormPoints points, int layer, Probe probe) {
    normalizedBefore.take(normalized, probe.edits(points.normalized(), layer));
    probe.at(points.normalized(), layer, normalized);
  }

  /// Computes the rows of `out` again whose scale or normalized values were changed.
  ///
  /// @param bias one for each column, or empty
  void gainChanged(float[] gain, float[] bias, Rows out) {
    int width = out.width();
    for (int row = 0; row < out.rows(); row++) {
      if (scalesBefore.differs(scales, row) || normalizedBefore.differs(normalized, row)) {
        for (int i = 0; i < width; i++) {
          float value = normalized.data()[row * width + i] * gain[i];
          out.data()[row * width + i] = bias.length == 0 ? value : value + bias[i];
        }
      }
    }
  }
}
