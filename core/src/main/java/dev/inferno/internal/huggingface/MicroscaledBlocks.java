package dev.inferno.internal.huggingface;

import dev.inferno.format.GgmlType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// MXFP4 as folders have it, 32 numbers of four bits in 16 bytes and their scale in a tensor of its
/// own, and as GGUF has it: the scale before the numbers, and in a byte two numbers that are 16
/// apart and not neighbours. Numbers and scales themselves are the same.
final class MicroscaledBlocks {
  /// How many numbers share a scale.
  static final int NUMBERS = 32;

  /// How many bytes they take.
  static final int BYTES = NUMBERS / 2;

  private static final int BLOCK = 1 + BYTES; // in GGUF
  private static final long LOW_HALVES = 0x0F0F_0F0F_0F0F_0F0FL; // of bytes
  private static final long HIGH_HALVES = ~LOW_HALVES;
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private MicroscaledBlocks() {}

  /// Rows of GGUF's blocks.
  ///
  /// @param columns how many numbers a row has, whole blocks
  /// @param rows how many rows are taken
  /// @param first the first of them
  /// @param step how far apart they are
  static MemorySegment joined(
      MemorySegment blocks,
      MemorySegment scales,
      long columns,
      long rows,
      int first,
      int step,
      SegmentAllocator memory) {
    MemorySegment joined = memory.allocate(GgmlType.MXFP4.bytes(columns * rows), Layout.ALIGNMENT);
    long perRow = columns / NUMBERS;
    for (long row = 0; row < rows; row++) {
      for (long i = 0; i < perRow; i++) {
        long from = (row * step + first) * perRow + i;
        long to = (row * perRow + i) * BLOCK;
        joined.set(ValueLayout.JAVA_BYTE, to, scales.get(ValueLayout.JAVA_BYTE, from));
        arrange(blocks, from * BYTES, joined, to + 1);
      }
    }
    return joined;
  }

  /// The first 16 numbers, one behind the other, go to the low halves of the bytes, the others to
  /// the high ones.
  private static void arrange(MemorySegment from, long at, MemorySegment to, long toAt) {
    long first = from.get(I64, at);
    long second = from.get(I64, at + Long.BYTES);
    to.set(I64, toAt, Long.expand(first, LOW_HALVES) | Long.expand(second, HIGH_HALVES));
    first >>>= Integer.SIZE;
    second >>>= Integer.SIZE;
    to.set(
        I64, toAt + Long.BYTES, Long.expand(first, LOW_HALVES) | Long.expand(second, HIGH_HALVES));
  }
}
