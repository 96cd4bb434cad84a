package dev.inferno;

import java.util.Objects;

/// How a model is loaded. Immutable.
///
/// @param copy whether the tensors are copied to memory instead of mapped
/// @param rearrange whether matrices are rearranged to be fast
/// @param progress told how far loading is
public record LoadOptions(boolean copy, boolean rearrange, Progress progress) {

  /// Is told how far a long work is, on the thread that does it.
  @FunctionalInterface
  public interface Progress {
    /// So many of the bytes are done.
    void at(long bytes, long total);
  }

  /// Mapped where nothing has to be rearranged, rearranged where it is faster, nobody told.
  public static LoadOptions defaults() {
    return new LoadOptions(false, true, (_, _) -> {});
  }

  /// Checks.
  public LoadOptions {
    Objects.requireNonNull(progress);
  }

  /// Copies the tensors to memory. A mapped file that another process truncates brings the JVM down
  /// (the system's SIGBUS); a copied one is immune.
  public LoadOptions copied() {
    return new LoadOptions(true, rearrange, progress);
  }

  /// Computes with matrices as the file has them. Loading is quicker, and a mapped file is shared
  /// with other processes; with weights of 4 to 6 bits, tokens take about half as long again. The
  /// numbers differ in the last places.
  public LoadOptions inFileLayout() {
    return new LoadOptions(copy, false, progress);
  }

  /// Tells how far loading is.
  public LoadOptions progress(Progress progress) {
    return new LoadOptions(copy, rearrange, progress);
  }
}
