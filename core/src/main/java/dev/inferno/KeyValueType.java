package dev.inferno;

/// The number format of the KV cache.
public enum KeyValueType {
  /// 32-bit floats: exact.
  F32,
  /// IEEE 16-bit floats: half the memory, rounded to 11 bits.
  F16
}
