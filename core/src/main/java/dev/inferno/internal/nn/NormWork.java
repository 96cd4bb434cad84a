package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// The parts of a norm that the fast kernels do not form, computed beside them when somebody wants
/// them.
final class NormWork {
  final Rows scales = new Rows(1, 1);
  final Rows normalized;
  final Snapshot scalesBefore = new Snapshot();
  final Snapshot normalizedBefore = new Snapshot();

  NormWork(int width) {
    this.normalized = new Rows(1, width);
  }
}
