package com.example.consumer;

import dev.inferno.format.GgmlType;

/// Uses what the library exports.
public final class Main {
  private Main() {}

  /// Prints what the library says of the element type with id 8.
  public static void main(String[] args) {
    GgmlType type = GgmlType.of(8).orElseThrow();
    System.out.println(type + ": " + type.bytes(64) + " bytes for 64 elements");
  }
}
