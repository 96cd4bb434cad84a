package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;

/// A block format that is multiplied straight from its blocks, without a buffer.
///
/// How such a kernel is written: in one body, with vectors in local variables only, and in its
/// inner loop without a method of ours, however small. The methods of the Vector API and of memory
/// segments are inlined whatever happens; ours no longer once a compilation, into which the caller
/// and its other formats may be inlined too, has grown large. A vector that is passed to them or
/// returned is boxed then, and all is ten times slower; even a plain read of a scale makes it three
/// times slower. Which order of compilation brings that about is a matter of luck.
interface FusedProduct {
  /// How many rows {@link #products} multiplies.
  int ROWS = 4;

  /// Multiplies `count` values, a multiple of 32, with `x[xAt + i]`, and leaves the sum unfinished
  /// in `partial[at]` and on, as {@link Kernels#accumulate} would after decoding.
  void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at);

  /// The same for {@link #ROWS} rows, the first at `offset`, each `stride` bytes after the one
  /// before; row r is left in `partial[at + r * partialStride]` and on. They share what is loaded
  /// of x, and rows that are far from each other are streams that memory gives side by side:
  /// together that is up to a third faster.
  default void products(
      MemorySegment blocks,
      long offset,
      long stride,
      float[] x,
      int xAt,
      int count,
      float[] partial,
      int at,
      int partialStride) {
    for (int row = 0; row < ROWS; row++) {
      product(blocks, offset + row * stride, x, xAt, count, partial, at + row * partialStride);
    }
  }
}
