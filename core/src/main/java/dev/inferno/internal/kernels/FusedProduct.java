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

  /// Multiplies `count` values, a multiple of 32, with `x[xAt + i]`, and leaves the sum unfinished
  /// in `partial[at]` and on, as {@link Kernels#accumulate} would after decoding.
  void product(
      MemorySegment blocks, long offset, float[] x, int xAt, int count, float[] partial, int at);
}
