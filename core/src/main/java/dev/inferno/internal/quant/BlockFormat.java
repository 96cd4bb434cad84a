package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// One of ggml's block formats: its layout, and the reference decode that every kernel is tested
/// against. Stateless.
public interface BlockFormat {

  /// The type whose blocks these are.
  GgmlType type();

  /// Decodes `count` values, a multiple of the block size, of the blocks that begin `offset` bytes
  /// into `blocks`, to `values[at]` and on. Bit-equal to ggml's `to_float`.
  void decode(MemorySegment blocks, long offset, float[] values, int at, int count);

  /// The sum over `count` values of value times `x[at + i]`, without unpacking more than a block.
  float dot(MemorySegment blocks, long offset, float[] x, int at, int count);
}
