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

  private static final int WORD = 4 * ROWS;

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
        cell(format, blocks, block, cell, lanes, to);
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

  private static void cell(
      LaneFormat format, MemorySegment blocks, long block, int cell, MemorySegment lanes, long to) {
    long low = block + format.lowAt;
    switch (format.order) {
      case HALVES -> {
        long first = blocks.get(LONG, low);
        long second = blocks.get(LONG, low + 8);
        int high = format.bits == 5 ? BlockBytes.bits32(blocks, block + format.highAt) : 0;
        words(format.bits, first, second, first >>> 4, second >>> 4, high, 0, lanes, to);
      }
      case PAIRS -> {
        long from = low + (cell >> 1) * 32L;
        int shift = 4 * (cell & 1);
        int high = format.bits == 5 ? bits(blocks, block + format.highAt, cell) : 0;
        words(format.bits, blocks, from, shift, high, 0, lanes, to);
      }
      case QUARTERS -> {
        long from = low + (cell >> 2) * 64L + (cell & 1) * 32L;
        int shift = 4 * ((cell >> 1) & 1);
        long high = block + format.highAt + (cell >> 2) * 32L;
        int first = pairs(blocks, high, cell & 3);
        int second = pairs(blocks, high + 16, cell & 3);
        words(format.bits, blocks, from, shift, first, second, lanes, to);
      }
      case BYTES -> {
        for (long i = 0; i < CELL; i += 8, to += 2 * WORD) {
          long bytes = blocks.get(LONG, low + i);
          int lower = (int) bytes;
          int upper = (int) (bytes >>> 32);
          lanes.set(INT, to, (lower & 0xFFFF) | (upper << 16));
          lanes.set(INT, to + WORD, (lower >>> 16) | (upper & 0xFFFF_0000));
        }
      }
    }
  }

  /// A bit of each of 32 bytes.
  private static int bits(MemorySegment blocks, long from, int bit) {
    int bits = 0;
    for (int i = 0; i < 4; i++) {
      bits |= (int) Long.compress(blocks.get(LONG, from + 8L * i), ONES << bit) << (8 * i);
    }
    return bits;
  }

  /// Two bits of each of 16 bytes.
  private static int pairs(MemorySegment blocks, long from, int pair) {
    long mask = PAIRS << (2 * pair);
    return (int) Long.compress(blocks.get(LONG, from), mask)
        | ((int) Long.compress(blocks.get(LONG, from + 8), mask) << 16);
  }

  private static void words(
      int bits,
      MemorySegment blocks,
      long from,
      int shift,
      int high,
      int nextHigh,
      MemorySegment lanes,
      long to) {
    words(
        bits,
        blocks.get(LONG, from) >>> shift,
        blocks.get(LONG, from + 8) >>> shift,
        blocks.get(LONG, from + 16) >>> shift,
        blocks.get(LONG, from + 24) >>> shift,
        high,
        nextHigh,
        lanes,
        to);
  }

  /// The words of 32 columns, whose low four bits are those of the 32 bytes of `a` to `e`.
  ///
  /// @param high of 5 bits, the highest ones; of 6, the upper two of the first 16 columns
  /// @param nextHigh of 6 bits, those of the last 16
  private static void words(
      int bits,
      long a,
      long b,
      long c,
      long e,
      int high,
      int nextHigh,
      MemorySegment lanes,
      long to) {
    int low0 = (int) Long.compress(a, NIBBLES);
    int low1 = (int) Long.compress(b, NIBBLES);
    int low2 = (int) Long.compress(c, NIBBLES);
    int low3 = (int) Long.compress(e, NIBBLES);
    switch (bits) {
      case 4 -> {
        lanes.set(INT, to, low0);
        lanes.set(INT, to + WORD, low1);
        lanes.set(INT, to + 2 * WORD, low2);
        lanes.set(INT, to + 3 * WORD, low3);
      }
      case 5 -> fiveBits(low0, low1, low2, low3, high, lanes, to);
      default -> {
        sixBits(low0, low1, high, lanes, to);
        sixBits(low2, low3, nextHigh, lanes, to + 3 * WORD);
      }
    }
  }

  private static void fiveBits(
      int low0, int low1, int low2, int low3, int high, MemorySegment lanes, long to) {
    int last = withFifth(low3, high >>> 24, 3);
    int first = withFifth(low0, high, 0) | (withFifth(low0, high, 1) << 5);
    lanes.set(INT, to, first | (withFifth(low0, high, 2) << 10) | rest(last, 0));
    int next = high >>> 8;
    first = withFifth(low0, high, 3) | (withFifth(low1, next, 0) << 5);
    lanes.set(INT, to + WORD, first | (withFifth(low1, next, 1) << 10) | rest(last, 1));
    first = withFifth(low1, next, 2) | (withFifth(low1, next, 3) << 5);
    next >>>= 8;
    lanes.set(INT, to + 2 * WORD, first | (withFifth(low2, next, 0) << 10) | rest(last, 2));
    first = withFifth(low2, next, 1) | (withFifth(low2, next, 2) << 5);
    lanes.set(INT, to + 3 * WORD, first | (withFifth(low2, next, 3) << 10) | rest(last, 3));
    next >>>= 8;
    first = withFifth(low3, next, 0) | (withFifth(low3, next, 1) << 5);
    lanes.set(INT, to + 4 * WORD, first | (withFifth(low3, next, 2) << 10) | rest(last, 4));
  }

  /// Columns k and k + 4 of eight, in both halves.
  private static int withFifth(int low, int high, int k) {
    int bits = high >>> k;
    return ((low >>> (4 * k)) & 0x000F_000F) | ((bits & 0x01) << 4) | ((bits & 0x10) << 16);
  }

  private static int rest(int last, int bit) {
    return ((last >>> bit) & 0x0001_0001) << 15;
  }

  private static void sixBits(int low0, int low1, int high, MemorySegment lanes, long to) {
    int next = high >>> 16;
    int rest = withTwo(low1, next, 2) | (withTwo(low1, next, 3) << 6);
    int word = withTwo(low0, high, 0) | (withTwo(low0, high, 1) << 6);
    lanes.set(INT, to, word | ((rest & 0x000F_000F) << 12));
    word = withTwo(low0, high, 2) | (withTwo(low0, high, 3) << 6);
    lanes.set(INT, to + WORD, word | ((rest & 0x00F0_00F0) << 8));
    word = withTwo(low1, next, 0) | (withTwo(low1, next, 1) << 6);
    lanes.set(INT, to + 2 * WORD, word | ((rest & 0x0F00_0F00) << 4));
  }

  /// Columns k and k + 4 of eight, in both halves.
  private static int withTwo(int low, int high, int k) {
    int bits = high >>> (2 * k);
    return ((low >>> (4 * k)) & 0x000F_000F) | ((bits & 0x003) << 4) | ((bits & 0x300) << 12);
  }
}
