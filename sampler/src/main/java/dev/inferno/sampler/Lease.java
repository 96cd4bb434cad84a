package dev.inferno.sampler;

/// How long a view may be read: until the callback that got it returns.
final class Lease {
  private boolean ended;

  void end() {
    ended = true;
  }

  void check() {
    if (ended) {
      throw new IllegalStateException(
          "this view was valid during its callback only; copy what is needed later");
    }
  }
}
