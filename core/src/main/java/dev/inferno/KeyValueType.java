package dev.inferno;

/// The number format of the KV cache.
public enum KeyValueType {
  /// 32-bit floats: exact.
  F32,
  /// IEEE 16-bit floats: half the memory, rounded to 11 bits.
  F16,
  /// 8-bit integers and a 16-bit scale for every 32 numbers of a head: a little more than a quarter
  /// of the memory, rounded to 1/254 of the largest of the 32.
  Q8_0
}
