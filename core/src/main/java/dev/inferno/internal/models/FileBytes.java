package dev.inferno.internal.models;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// The bytes of a model file while it is loaded, and memory that lives as long as the model.
/// Thread-safe. A file that cannot be read is an {@link java.io.UncheckedIOException}.
public interface FileBytes {

  /// How many there are.
  long size();

  /// Some of them, for as long as the model lives.
  MemorySegment keep(long offset, long length);

  /// Shows some of them, during the call only and on its thread only.
  void lend(long offset, long length, Consumer<MemorySegment> use);

  /// Zeros, for as long as the model lives.
  MemorySegment allocate(long bytes);
}
