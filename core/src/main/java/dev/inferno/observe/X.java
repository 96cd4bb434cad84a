package dev.inferno.observe;

final class X {
  private X() {}
}
