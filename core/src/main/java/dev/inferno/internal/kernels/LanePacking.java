package dev.inferno.internal.kernels;

import static dev.inferno.internal.kernels.LaneFormat.CELL;
import static dev.inferno.internal.kernels.LaneFormat.INT;
import static dev.inferno.internal.kernels.LaneFormat.ROWS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.inferno.internal.quant.BlockBytes;
import dev.inferno.internal.quant.SixBitPairs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Rearranges a row of blocks into a lane of a group, see {@link LaneFormat}.
final class LanePacking {
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long NIBBLES = 0x0F0F0F0F0F0F0F0FL;
  private static final long PAIRS = 0x0303030303030303L;
  private static final long ONES = 0x0101010101010101L;

  private LanePacking() {}

  /// Rearranges a row, if its scales are finite.
  ///
  /// @param offset where the row's blocks begin in `blocks`
  /// @param group where the group begins in `lanes`
  /// @return whether they are
  static boolean pack(
      LaneFormat format,
      MemorySegment blocks,
      long offset,
      int columns,
      MemorySegment lanes,
      long group,
      int lane) {
    int size = format.type().blockSize();
    int count = columns / size;
    int cells = size / CELL;
    long to = group + format.scaleBytes(columns) + 4L * lane;
    long block = offset;
    for (int i = 0; i < count; i++, block += format.type().blockBytes()) {
      if (!isFinite(format, blocks, block)) {
        return false;
      }
      scales(format, blocks, block, count, i, lanes, group, lane);
      for (int cell = 0; cell < cells; cell++, to += format.cellBytes()) {
        low(format, blocks, block + format.lowAt, cell, lanes, to);
        high(format, blocks, block + format.highAt, cell, lanes, to + 4 * 4 * ROWS);
      }
    }
    return true;
  }

  private static boolean isFinite(LaneFormat format, MemorySegment blocks, long block) {
    long d = block + format.scalesAt;
    return switch (format.scales) {
      case D, SUPER_D -> isFinite(blocks, d);
      case D_M, SUPER_D_M -> isFinite(blocks, d) && isFinite(blocks, d + 2);
    };
  }

  private static boolean isFinite(MemorySegment blocks, long half) {
    return (BlockBytes.bits16(blocks, half) & 0x7C00) != 0x7C00;
  }

  private static void scales(
      LaneFormat format,
      MemorySegment blocks,
      long block,
      int count,
      int i,
      MemorySegment lanes,
      long group,
      int lane) {
    long from = block + format.scalesAt;
    long d = group + 2L * (i * ROWS + lane);
    long m = d + 2L * count * ROWS;
    lanes.set(BlockBytes.SHORT, d, BlockBytes.bits16(blocks, from));
    switch (format.scales) {
      case D -> {}
      case D_M -> lanes.set(BlockBytes.SHORT, m, BlockBytes.bits16(blocks, from + 2));
      case SUPER_D -> {
        long factors = group + 2L * count * ROWS + 16L * i * ROWS + lane;
        for (int k = 0; k < 16; k++) {
          lanes.set(JAVA_BYTE, factors + (long) k * ROWS, blocks.get(JAVA_BYTE, from - 16 + k));
        }
      }
      case SUPER_D_M -> {
        lanes.set(BlockBytes.SHORT, m, BlockBytes.bits16(blocks, from + 2));
        long dFactors = group + 4L * count * ROWS + 8L * i * ROWS + lane;
        long mFactors = dFactors + 8L * count * ROWS;
        long scales = SixBitPairs.scales(blocks, from + 4);
        long minima = SixBitPairs.minima(blocks, from + 4);
        for (int k = 0; k < 8; k++) {
          long at = (long) k * ROWS;
          lanes.set(JAVA_BYTE, dFactors + at, (byte) SixBitPairs.of(scales, k));
          lanes.set(JAVA_BYTE, mFactors + at, (byte) SixBitPairs.of(minima, k));
        }
      }
    }
  }

  /// The low four bits of a cell's 32 columns; a nibble of each of eight bytes makes a word.
  private static void low(
      LaneFormat format, MemorySegment blocks, long low, int cell, MemorySegment lanes, long to) {
    switch (format.order) {
      case HALVES -> {
        long first = blocks.get(LONG, low);
        long second = blocks.get(LONG, low + 8);
        lanes.set(INT, to, (int) Long.compress(first, NIBBLES));
        lanes.set(INT, to + 64, (int) Long.compress(second, NIBBLES));
        lanes.set(INT, to + 128, (int) Long.compress(first, NIBBLES << 4));
        lanes.set(INT, to + 192, (int) Long.compress(second, NIBBLES << 4));
      }
      case PAIRS -> words(blocks, low + (cell >> 1) * 32L, NIBBLES << (4 * (cell & 1)), lanes, to);
      case QUARTERS -> {
        long from = low + (cell >> 2) * 64L + (cell & 1) * 32L;
        words(blocks, from, NIBBLES << (4 * ((cell >> 1) & 1)), lanes, to);
      }
    }
  }

  private static void words(
      MemorySegment blocks, long from, long nibbles, MemorySegment lanes, long to) {
    lanes.set(INT, to, (int) Long.compress(blocks.get(LONG, from), nibbles));
    lanes.set(INT, to + 64, (int) Long.compress(blocks.get(LONG, from + 8), nibbles));
    lanes.set(INT, to + 128, (int) Long.compress(blocks.get(LONG, from + 16), nibbles));
    lanes.set(INT, to + 192, (int) Long.compress(blocks.get(LONG, from + 24), nibbles));
  }

  /// The bits above them.
  private static void high(
      LaneFormat format, MemorySegment blocks, long high, int cell, MemorySegment lanes, long to) {
    if (format.bits == 4) {
      return;
    }
    switch (format.order) {
      case HALVES -> lanes.set(INT, to, BlockBytes.bits32(blocks, high));
      case PAIRS -> {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
          long bytes = blocks.get(LONG, high + 8L * i);
          bits |= (int) Long.compress(bytes, ONES << cell) << (8 * i);
        }
        lanes.set(INT, to, bits);
      }
      case QUARTERS -> {
        for (int word = 0; word < 2; word++) {
          int bits = 0;
          for (int i = 0; i < 2; i++) {
            long bytes = blocks.get(LONG, high + (cell >> 2) * 32L + word * 16L + 8L * i);
            bits |= (int) Long.compress(bytes, PAIRS << (2 * (cell & 3))) << (16 * i);
          }
          lanes.set(INT, to + 64L * word, bits);
        }
      }
    }
  }
}
