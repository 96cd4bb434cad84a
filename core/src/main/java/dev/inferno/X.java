package dev.inferno;

final class X {
  private X() {}
}
