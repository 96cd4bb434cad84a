package dev.inferno.internal.kernels;

import java.lang.foreign.MemorySegment;

/// A fused product that is cheaper with x times a power of two, which its values are too small by.
/// Each product, and so each sum, has the same bits.
interface ScaledProduct extends FusedProduct {
  /// Multiplies `count` values of x, a multiple of 32, by that power.
  ///
  /// @return false if one of them is too large for that, or not finite
  boolean scale(float[] x, int xAt, int count, float[] scaled);

  /// {@link #products} with scaled x, from its beginning.
  ///
  /// @return false if a value is not finite, so that the sums are not right
  boolean scaledProducts(
      MemorySegment blocks,
      long offset,
      long stride,
      float[] scaled,
      int count,
      float[] partial,
      int at,
      int partialStride);
}
