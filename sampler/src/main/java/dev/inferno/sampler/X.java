package dev.inferno.sampler;

final class X {
  private X() {}
}
