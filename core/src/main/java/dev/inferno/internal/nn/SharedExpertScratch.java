package dev.inferno.internal.nn;

import dev.inferno.internal.kernels.Rows;

/// What a shared expert needs beside its rows, `[rows, ...]` each. Grows and is used again.
final class SharedExpertScratch {
  final Rows gateUp;
  final Rows hidden;
  final Rows out;
  final Rows gate;

  SharedExpertScratch(int width, int feedForward) {
    gateUp = new Rows(1, 2 * feedForward);
    hidden = new Rows(1, feedForward);
    out = new Rows(1, width);
    gate = new Rows(1, 1);
  }
}
