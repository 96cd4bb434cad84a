package dev.inferno;

import java.util.Objects;

/// How a model is loaded. Immutable.
///
/// @param copy whether the tensors are copied to memory instead of mapped
/// @param progress told how far loading is
/// @param warmUp whether the arithmetic is compiled in the background meanwhile
public record LoadOptions(boolean copy, Progress progress, boolean warmUp) {

  /// Is told how far a long work is, on the thread that does it.
  @FunctionalInterface
  public interface Progress {
    /// So many of the bytes are done.
    void at(long bytes, long total);
  }

  /// Mapped, nobody told, warmed up.
  public static LoadOptions defaults() {
    return new LoadOptions(false, (_, _) -> {}, true);
  }

  /// Checks.
  public LoadOptions {
    Objects.requireNonNull(progress);
  }

  /// Copies the tensors to memory. A mapped file that another process truncates brings the JVM down
  /// (the system's SIGBUS); a copied one is immune.
  public LoadOptions copied() {
    return new LoadOptions(true, progress, warmUp);
  }

  /// Tells how far loading is.
  public LoadOptions progress(Progress progress) {
    return new LoadOptions(copy, progress, warmUp);
  }

  /// Leaves the JVM to compile the arithmetic when it is used. Otherwise a daemon thread uses it a
  /// little while the model is loaded and up to half a second longer, or until a session computes,
  /// so that the first tokens come sooner. Results are the same.
  public LoadOptions withoutWarmUp() {
    return new LoadOptions(copy, progress, false);
  }
}
