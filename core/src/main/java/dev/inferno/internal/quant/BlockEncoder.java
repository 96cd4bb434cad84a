package dev.inferno.internal.quant;

import java.lang.foreign.MemorySegment;

/// A block format that numbers can be brought into. Stateless and thread-safe.
public interface BlockEncoder extends BlockFormat {

  /// Encodes `count` values, a multiple of the block size, from `values[at]` on, to the blocks that
  /// begin `offset` bytes into `blocks`. The bytes are those of ggml's `quantize_row_*_ref`, which
  /// takes all values for equally important.
  ///
  /// @param values finite, and small enough for the halves that most formats have for scales
  void encode(float[] values, int at, int count, MemorySegment blocks, long offset);
}
