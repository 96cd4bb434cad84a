package dev.inferno.internal.kernels;

/// How the matrices of a model lie in memory, and what their short products take.
public enum Arrangement {
  /// As the file has them.
  IN_FILE,
  /// Rearranged where that is faster.
  REARRANGED,
  /// The same; and what is multiplied by a rearranged matrix of 4 to 6 bits is rounded to 8 bits,
  /// in the products of short segments.
  ROUNDED
}
