package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/// A block format of 4 to 8 bits, rearranged so that sixteen rows lie side by side: lane r of every
/// vector belongs to row r, and a product needs no sum across lanes. All of them are `value = d q +
/// m`, with a d and an m for each row and each 16 or 32 columns.
///
/// A group of sixteen rows is its scales, and then a *cell* for each 32 columns. A cell is as many
/// words as a q has bits, each of 64 bytes, in which lane r, an int, is of row r. The lower halves
/// of a lane's words, one after the other, have columns 0 to 3, 8 to 11, 16 to 19 and 24 to 27, the
/// upper halves those that are four further, so that both can be worked on at once:
///
/// | bits | half of a word | what does not fit |
/// |---|---|---|
/// | 4 | four q | |
/// | 5 | three q, and above them a bit | the five bits of all words are the sixteenth |
/// | 6 | two q, and above them four bits | those of three words are the seventh and the eighth |
/// | 8 | two q, with signs | |
///
/// Scales are kept as the file has them, sixteen lanes of each: halves d of each block; where there
/// are, halves m, or dmin; and where blocks of 256 divide into groups, their factors of d and dmin
/// as bytes. They are filled up to whole cache lines.
///
/// A format whose blocks are like those of another is one more row here; {@link LanePacking} knows
/// the orders in which blocks have their bits.
public enum LaneFormat {
  /// `d (q - 8)`.
  Q4_0(4, 32, Scales.D, Order.HALVES, 0, 2, 2),
  /// `d q + m`.
  Q4_1(4, 32, Scales.D_M, Order.HALVES, 0, 4, 4),
  /// `d (q - 16)`.
  Q5_0(5, 32, Scales.D, Order.HALVES, 0, 6, 2),
  /// `d q + m`.
  Q5_1(5, 32, Scales.D_M, Order.HALVES, 0, 8, 4),
  /// `(d s) q - dmin m`.
  Q4_K(4, 32, Scales.SUPER_D_M, Order.PAIRS, 0, 16, 16),
  /// `(d s) q - dmin m`.
  Q5_K(5, 32, Scales.SUPER_D_M, Order.PAIRS, 0, 48, 16),
  /// `(d s) (q - 32)`.
  Q6_K(6, 16, Scales.SUPER_D, Order.QUARTERS, 208, 0, 128),
  /// `d q`.
  Q8_0(8, 32, Scales.D, Order.BYTES, 0, 2, 2);

  /// Rows in a group.
  static final int ROWS = 16;

  /// Columns in a cell.
  static final int CELL = 32;

  /// Of how many columns {@link LaneKernels#sums} adds up x.
  static final int SUM_COLUMNS = 16;

  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.nativeOrder());

  /// What a row's scales are.
  enum Scales {
    /// A half per block; q is centred, or has a sign.
    D,
    /// Two halves per block.
    D_M,
    /// A half per block of 256, a signed byte per 16 columns; q is centred.
    SUPER_D,
    /// Two halves per block of 256, two bytes per 32 columns.
    SUPER_D_M
  }

  /// Which columns share a byte of a block's low bits.
  enum Order {
    /// Column c and c + 16, of 32.
    HALVES,
    /// Column c and c + 32, of 64.
    PAIRS,
    /// Column c and c + 64, of 128; four columns 32 apart share a byte of their upper two bits.
    QUARTERS,
    /// None: a column is a byte.
    BYTES
  }

  final int bits;

  /// For how many columns a scale is.
  final int scaleColumns;

  final Scales scales;
  final Order order;

  /// Where a block has d, and m after it.
  final int scalesAt;

  /// Where a block has its low bits.
  final int lowAt;

  /// Where a block has the bits above, if it has any.
  final int highAt;

  private final GgmlType type;

  LaneFormat(
      int bits, int scaleColumns, Scales scales, Order order, int scalesAt, int lowAt, int highAt) {
    this.bits = bits;
    this.scaleColumns = scaleColumns;
    this.scales = scales;
    this.order = order;
    this.scalesAt = scalesAt;
    this.lowAt = lowAt;
    this.highAt = highAt;
    this.type = GgmlType.valueOf(name());
  }

  /// That of a type, if it has one.
  static Optional<LaneFormat> of(GgmlType type) {
    for (LaneFormat format : values()) {
      if (format.type == type) {
        return Optional.of(format);
      }
    }
    return Optional.empty();
  }

  GgmlType type() {
    return type;
  }

  /// What q is taken from, `d (q - center)`; 0 where there is an m, or q has a sign.
  int center() {
    return hasMinima() || bits == 8 ? 0 : 1 << (bits - 1);
  }

  /// Whether a row has halves m or dmin.
  boolean hasMinima() {
    return scales == Scales.D_M || scales == Scales.SUPER_D_M;
  }

  /// Whether a value has an m, and its product the sum of x.
  boolean hasOffsets() {
    return hasMinima() || center() > 0;
  }

  /// The bytes of a cell.
  int cellBytes() {
    return 4 * ROWS * bits;
  }

  /// The bytes of a group's scales.
  long scaleBytes(int columns) {
    long blocks = columns / type.blockSize();
    long bytes =
        ROWS
            * switch (scales) {
              case D -> 2 * blocks;
              case D_M -> 4 * blocks;
              case SUPER_D -> 18 * blocks;
              case SUPER_D_M -> 20 * blocks;
            };
    return (bytes + BlockSource.ALIGNMENT - 1) & -BlockSource.ALIGNMENT;
  }

  /// The bytes of a group.
  long groupBytes(int columns) {
    return scaleBytes(columns) + (long) columns / CELL * cellBytes();
  }

  /// The q of a row's column.
  ///
  /// @param cell where the cell begins
  int quant(MemorySegment lanes, long cell, int lane, int column) {
    long first = cell + 4L * lane;
    int half = column % 8 / 4;
    int pair = column / 8 * 4 + column % 4;
    return switch (bits) {
      case 4 -> (half(lanes, first, pair / 4, half) >>> (4 * (pair % 4))) & 15;
      case 5 ->
          pair < 15
              ? (half(lanes, first, pair / 3, half) >>> (5 * (pair % 3))) & 31
              : rest(lanes, first, 0, 5, half, 1);
      case 6 -> {
        int word = pair / 8 * 3;
        int k = pair % 8;
        yield k < 6
            ? (half(lanes, first, word + k / 2, half) >>> (6 * (k % 2))) & 63
            : (rest(lanes, first, word, 3, half, 4) >>> (6 * (k - 6))) & 63;
      }
      default -> (byte) (half(lanes, first, pair / 2, half) >>> (8 * (pair % 2)));
    };
  }

  /// The half of a word.
  private static int half(MemorySegment lanes, long first, int word, int half) {
    return (lanes.get(INT, first + 64L * word) >>> (16 * half)) & 0xFFFF;
  }

  /// The highest bits of a half of some words, those of the first one lowest.
  private static int rest(
      MemorySegment lanes, long first, int from, int words, int half, int bits) {
    int rest = 0;
    for (int i = 0; i < words; i++) {
      rest |= (half(lanes, first, from + i, half) >>> (16 - bits)) << (i * bits);
    }
    return rest;
  }

  /// The d of a row's i-th {@link #scaleColumns} columns.
  ///
  /// @param blocks how many blocks a row has
  float d(MemorySegment lanes, long group, int blocks, int i, int lane) {
    return switch (scales) {
      case D, D_M -> scale(lanes, group, i, lane);
      case SUPER_D ->
          scale(lanes, group, i / 16, lane)
              * BlockBytes.signed(lanes, group + 2L * blocks * ROWS + (long) i * ROWS + lane);
      case SUPER_D_M ->
          scale(lanes, group, i / 8, lane)
              * BlockBytes.signed(lanes, group + 4L * blocks * ROWS + (long) i * ROWS + lane);
    };
  }

  /// The m that goes with {@link #d}.
  float m(MemorySegment lanes, long group, int blocks, int i, int lane) {
    long second = group + 2L * blocks * ROWS;
    return switch (scales) {
      case D, SUPER_D -> -center() * d(lanes, group, blocks, i, lane);
      case D_M -> scale(lanes, second, i, lane);
      case SUPER_D_M ->
          -scale(lanes, second, i / 8, lane)
              * BlockBytes.signed(
                  lanes, group + (4L + 8L) * blocks * ROWS + (long) i * ROWS + lane);
    };
  }

  private static float scale(MemorySegment lanes, long halves, int i, int lane) {
    return BlockBytes.half(lanes, halves + 2L * ((long) i * ROWS + lane));
  }
}
