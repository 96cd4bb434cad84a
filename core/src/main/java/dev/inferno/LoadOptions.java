package dev.inferno;

import java.util.Objects;

/// How a model is loaded. Immutable.
///
/// @param copy whether the tensors are copied to memory instead of mapped
/// @param progress told how far loading is
public record LoadOptions(boolean copy, Progress progress) {

  /// Is told how far a long work is, on the thread that does it.
  @FunctionalInterface
  public interface Progress {
    /// So many of the bytes are done.
    void at(long bytes, long total);
  }

  /// Mapped, nobody told.
  public static LoadOptions defaults() {
    return new LoadOptions(false, (_, _) -> {});
  }

  /// Checks.
  public LoadOptions {
    Objects.requireNonNull(progress);
  }

  /// Copies the tensors to memory. A mapped file that another process truncates brings the JVM down
  /// (the system's SIGBUS); a copied one is immune.
  public LoadOptions copied() {
    return new LoadOptions(true, progress);
  }

  /// Tells how far loading is.
  public LoadOptions progress(Progress progress) {
    return new LoadOptions(copy, progress);
  }
}
