package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;

/// One of ggml's block formats: its layout, and the reference decode that every kernel is tested
/// against. Stateless and thread-safe.
public interface BlockFormat {

  /// The type whose blocks these are.
  GgmlType type();

  /// Decodes `count` values, a multiple of the block size, of the blocks that begin `offset` bytes
  /// into `blocks`, to `values[at]` and on. Bit-equal to ggml's `to_float`.
  void decode(MemorySegment blocks, long offset, float[] values, int at, int count);

  /// The sum over `count` values of value times `x[at + i]`, without unpacking more than a block.
  ///
  /// This is what it means, value after value, in a buffer of one block; kernel sets have their own
  /// ways.
  default float dot(MemorySegment blocks, long offset, float[] x, int at, int count) {
    int size = type().blockSize();
    float[] block = new float[size];
    float sum = 0;
    for (int i = 0; i < count; i += size) {
      decode(blocks, offset + type().bytes(i), block, 0, size);
      for (int j = 0; j < size; j++) {
        sum += block[j] * x[at + i + j];
      }
    }
    return sum;
  }
}
