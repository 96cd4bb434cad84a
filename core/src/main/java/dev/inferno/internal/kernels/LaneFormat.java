package dev.inferno.internal.kernels;

import static dev.inferno.internal.quant.BlockBytes.SHORT;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.SixBitPairs;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/// A block format of 4 to 6 bits, rearranged so that sixteen rows lie side by side: lane r of every
/// vector belongs to row r, and a product needs no sum across lanes. All of them are `value = d q +
/// m`, with a d and an m for each row and each 16 or 32 columns.
///
/// A group of sixteen rows is its scales, and then a *cell* for each 32 columns:
///
/// | part | bytes | content |
/// |---|---|---|
/// | low bits | 4 x 64 | word w: lane r is an int, whose nibble j is of row r, column 8 w + j |
/// | the fifth bit, of 5 | 64 | lane r: bit c is of column c |
/// | the upper two, of 6 | 2 x 64 | word w: lane r: bits 2 c and 2 c + 1 are of column 16 w + c |
///
/// Scales are kept as the file has them, [number][lane]: halves d of each block; where there are,
/// halves m, or dmin; and where blocks of 256 divide into groups, their factors of d and dmin as
/// bytes.
enum LaneFormat {
  /// `d (q - 8)`.
  Q4_0(4, 32, Scales.D),
  /// `d q + m`.
  Q4_1(4, 32, Scales.D_M),
  /// `d (q - 16)`.
  Q5_0(5, 32, Scales.D),
  /// `d q + m`.
  Q5_1(5, 32, Scales.D_M),
  /// `(d s) q - dmin m`.
  Q4_K(4, 32, Scales.SUPER_D_M),
  /// `(d s) q - dmin m`.
  Q5_K(5, 32, Scales.SUPER_D_M),
  /// `(d s) (q - 32)`.
  Q6_K(6, 16, Scales.SUPER_D);

  /// Rows in a group.
  static final int ROWS = 16;

  /// Columns in a cell.
  static final int CELL = 32;

  /// Columns in a block that divides into groups.
  static final int SUPER = 256;

  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.nativeOrder());
  private static final long NIBBLES = 0x0F0F0F0F0F0F0F0FL;
  private static final long PAIRS = 0x0303030303030303L;
  private static final long ONES = 0x0101010101010101L;

  /// What a row's scales are.
  enum Scales {
    /// A half per block; q is centred.
    D,
    /// Two halves per block.
    D_M,
    /// A half per block of 256, a signed byte per 16 columns; q is centred.
    SUPER_D,
    /// Two halves per block of 256, two bytes per 32 columns.
    SUPER_D_M
  }

  final int bits;

  /// For how many columns a scale is.
  final int scaleColumns;

  final Scales scales;

  LaneFormat(int bits, int scaleColumns, Scales scales) {
    this.bits = bits;
    this.scaleColumns = scaleColumns;
    this.scales = scales;
  }

  /// That of a type, if it has one.
  static Optional<LaneFormat> of(GgmlType type) {
    for (LaneFormat format : values()) {
      if (format.name().equals(type.name())) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  GgmlType type() {
    return GgmlType.valueOf(name());
  }

  /// What q is taken from, `d (q - center)`; 0 where there is an m.
  int center() {
    return scales == Scales.D || scales == Scales.SUPER_D ? 1 << bits - 1 : 0;
  }

  /// The bytes of a cell.
  int cellBytes() {
    return 4 * ROWS * (bits == 4 ? 4 : bits);
  }

  /// The bytes of a group's scales.
  long scaleBytes(int columns) {
    long blocks = columns / type().blockSize();
    return ROWS
        * switch (scales) {
          case D -> 2 * blocks;
          case D_M -> 4 * blocks;
          case SUPER_D -> 18 * blocks;
          case SUPER_D_M -> 20 * blocks;
        };
  }

  /// The bytes of a group.
  long groupBytes(int columns) {
    return scaleBytes(columns) + (long) columns / CELL * cellBytes();
  }

  /// Whether a row's scales are finite; others cannot be kept as they are.
  boolean isFinite(MemorySegment blocks, long offset, int columns) {
    int size = type().blockBytes();
    long end = offset + type().bytes(columns);
    for (long block = offset; block < end; block += size) {
      int d = this == Q6_K ? 208 : 0;
      boolean two = scales == Scales.D_M || scales == Scales.SUPER_D_M;
      if (!isFinite(blocks.get(SHORT, block + d))
          || two && !isFinite(blocks.get(SHORT, block + d + 2))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFinite(short half) {
    return (half & 0x7C00) != 0x7C00;
  }

  /// Rearranges a row.
  ///
  /// @param offset where the row's blocks begin in `blocks`
  /// @param group where the group begins in `lanes`
  void pack(
      MemorySegment blocks, long offset, int columns, MemorySegment lanes, long group, int lane) {
    int size = type().blockSize();
    int count = columns / size;
    long cells = group + scaleBytes(columns);
    for (int block = 0; block < count; block++, offset += type().blockBytes()) {
      packScales(blocks, offset, count, block, lanes, group, lane);
      for (int cell = 0; cell < size / CELL; cell++) {
        long to = cells + ((long) block * (size / CELL) + cell) * cellBytes() + 4 * lane;
        packLow(blocks, offset, cell, lanes, to);
        packHigh(blocks, offset, cell, lanes, to + 4 * 4 * ROWS);
      }
    }
  }

  private void packScales(
      MemorySegment blocks,
      long offset,
      int count,
      int block,
      MemorySegment lanes,
      long group,
      int lane) {
    long d = group + 2L * (block * ROWS + lane);
    long m = d + 2L * count * ROWS;
    lanes.set(SHORT, d, blocks.get(SHORT, offset + (this == Q6_K ? 208 : 0)));
    switch (scales) {
      case D -> {}
      case D_M -> lanes.set(SHORT, m, blocks.get(SHORT, offset + 2));
      case SUPER_D -> {
        long factors = group + 2L * count * ROWS + (long) block * 16 * ROWS + lane;
        for (int i = 0; i < 16; i++) {
          byte factor = blocks.get(ValueLayout.JAVA_BYTE, offset + 192 + i);
          lanes.set(ValueLayout.JAVA_BYTE, factors + (long) i * ROWS, factor);
        }
      }
      case SUPER_D_M -> {
        lanes.set(SHORT, m, blocks.get(SHORT, offset + 2));
        long dFactors = group + 4L * count * ROWS + (long) block * 8 * ROWS + lane;
        long mFactors = dFactors + 8L * count * ROWS;
        long scale = SixBitPairs.scales(blocks, offset + 4);
        long minimum = SixBitPairs.minima(blocks, offset + 4);
        for (int i = 0; i < 8; i++) {
          long at = (long) i * ROWS;
          lanes.set(ValueLayout.JAVA_BYTE, dFactors + at, (byte) SixBitPairs.of(scale, i));
          lanes.set(ValueLayout.JAVA_BYTE, mFactors + at, (byte) SixBitPairs.of(minimum, i));
        }
      }
    }
  }

  /// The low four bits of a cell's 32 columns; a nibble of each of eight bytes makes a word.
  private void packLow(MemorySegment blocks, long offset, int cell, MemorySegment lanes, long to) {
    for (int word = 0; word < 4; word++) {
      long from;
      int shift; // of the nibble
      switch (this) {
        case Q4_0, Q4_1, Q5_0, Q5_1 -> {
          from = offset + type().blockBytes() - 16 + (word & 1) * 8;
          shift = (word >> 1) * 4;
        }
        case Q4_K, Q5_K -> {
          from = offset + type().blockBytes() - 128 + (cell >> 1) * 32 + word * 8;
          shift = (cell & 1) * 4;
        }
        case Q6_K -> {
          from = offset + (cell >> 2) * 64 + (cell & 1) * 32 + word * 8;
          shift = (cell >> 1 & 1) * 4;
        }
        default -> throw new IllegalStateException(name());
      }
      lanes.set(
          INT, to + 64L * word, (int) Long.compress(blocks.get(LONG, from), NIBBLES << shift));
    }
  }

  /// The bits above them.
  private void packHigh(MemorySegment blocks, long offset, int cell, MemorySegment lanes, long to) {
    switch (this) {
      case Q5_0, Q5_1 ->
          lanes.set(INT, to, blocks.get(BLOCK_INT, offset + type().blockBytes() - 20));
      case Q5_K -> {
        int bits = 0;
        for (int i = 0; i < 4; i++) {
          long bytes = blocks.get(LONG, offset + 16 + 8 * i);
          bits |= (int) Long.compress(bytes, ONES << cell) << 8 * i;
        }
        lanes.set(INT, to, bits);
      }
      case Q6_K -> {
        for (int word = 0; word < 2; word++) {
          int bits = 0;
          for (int i = 0; i < 2; i++) {
            long bytes = blocks.get(LONG, offset + 128 + (cell >> 2) * 32 + word * 16 + 8 * i);
            bits |= (int) Long.compress(bytes, PAIRS << 2 * (cell & 3)) << 16 * i;
          }
          lanes.set(INT, to + 64L * word, bits);
        }
      }
      case Q4_0, Q4_1, Q4_K -> {}
    }
  }

  /// The q of a row's column.
  ///
  /// @param cell where the cell begins
  int quant(MemorySegment lanes, long cell, int lane, int column) {
    long at = cell + 4 * lane;
    int q = lanes.get(INT, at + 64L * (column >> 3)) >>> 4 * (column & 7) & 15;
    if (bits == 5) {
      q |= (lanes.get(INT, at + 256) >>> column & 1) << 4;
    } else if (bits == 6) {
      q |= (lanes.get(INT, at + 256 + 64L * (column >> 4)) >>> 2 * (column & 15) & 3) << 4;
    }
    return q;
  }

  private static final ValueLayout.OfInt BLOCK_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
}
