package dev.inferno;

import java.util.OptionalInt;

/// How a session is made. Immutable.
///
/// @param contextLength how many positions it can hold; empty means as many as the model was
///   trained for
/// @param keyValueType the number format of the KV cache
/// @param threads how many threads a forward pass may use; empty means the whole team. At most the
///   size of the process-wide team, which the system property `inferno.threads` sets
public record SessionOptions(
    OptionalInt contextLength, KeyValueType keyValueType, OptionalInt threads) {

  /// The model's context, a half-precision cache, all threads.
  public static SessionOptions defaults() {
    return new SessionOptions(OptionalInt.empty(), KeyValueType.F16, OptionalInt.empty());
  }

  /// Checks the ranges.
  public SessionOptions {
    requirePositive("contextLength", contextLength);
    requirePositive("threads", threads);
  }

  private static void requirePositive(String name, OptionalInt value) {
    if (value.isPresent() && value.getAsInt() < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value.getAsInt());
    }
  }

  /// The same with room for this many positions, at least 1.
  public SessionOptions contextLength(int contextLength) {
    return new SessionOptions(OptionalInt.of(contextLength), keyValueType, threads);
  }

  /// The same with this number format of the KV cache.
  public SessionOptions keyValueType(KeyValueType keyValueType) {
    return new SessionOptions(contextLength, keyValueType, threads);
  }

  /// The same with at most this many threads, at least 1.
  public SessionOptions threads(int threads) {
    return new SessionOptions(contextLength, keyValueType, OptionalInt.of(threads));
  }
}
