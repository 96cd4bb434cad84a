package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockBytes;
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
  Q6_K(6, 16, Scales.SUPER_D, Order.QUARTERS, 208, 0, 128);

  /// Rows in a group.
  static final int ROWS = 16;

  /// Columns in a cell.
  static final int CELL = 32;

  /// Of how many columns {@link LaneKernels#sums} adds up x.
  static final int SUM_COLUMNS = 16;

  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.nativeOrder());

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

  /// Which columns share a byte of a block's low bits.
  enum Order {
    /// Column c and c + 16, of 32.
    HALVES,
    /// Column c and c + 32, of 64.
    PAIRS,
    /// Column c and c + 64, of 128; four columns 32 apart share a byte of their upper two bits.
    QUARTERS
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

  /// What q is taken from, `d (q - center)`; 0 where there is an m.
  int center() {
    return scales == Scales.D || scales == Scales.SUPER_D ? 1 << (bits - 1) : 0;
  }

  /// Whether a row has halves m or dmin.
  boolean hasMinima() {
    return scales == Scales.D_M || scales == Scales.SUPER_D_M;
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
    long at = cell + 4L * lane;
    int q = (lanes.get(INT, at + 64L * (column >> 3)) >>> (4 * (column & 7))) & 15;
    if (bits == 5) {
      q |= ((lanes.get(INT, at + 256) >>> column) & 1) << 4;
    } else if (bits == 6) {
      q |= ((lanes.get(INT, at + 256 + 64L * (column >> 4)) >>> (2 * (column & 15))) & 3) << 4;
    }
    return q;
  }

  /// The d of a row's i-th {@link #scaleColumns} columns.
  ///
  /// @param blocks how many blocks a row has
  float d(MemorySegment lanes, long group, int blocks, int i, int lane) {
    return switch (scales) {
      case D, D_M -> half(lanes, group, i, lane);
      case SUPER_D ->
          half(lanes, group, i / 16, lane)
              * BlockBytes.signed(lanes, group + 2L * blocks * ROWS + (long) i * ROWS + lane);
      case SUPER_D_M ->
          half(lanes, group, i / 8, lane)
              * BlockBytes.signed(lanes, group + 4L * blocks * ROWS + (long) i * ROWS + lane);
    };
  }

  /// The m that goes with {@link #d}.
  float m(MemorySegment lanes, long group, int blocks, int i, int lane) {
    long second = group + 2L * blocks * ROWS;
    return switch (scales) {
      case D, SUPER_D -> -center() * d(lanes, group, blocks, i, lane);
      case D_M -> half(lanes, second, i, lane);
      case SUPER_D_M ->
          -half(lanes, second, i / 8, lane)
              * BlockBytes.signed(
                  lanes, group + (4L + 8L) * blocks * ROWS + (long) i * ROWS + lane);
    };
  }

  private static float half(MemorySegment lanes, long halves, int i, int lane) {
    return BlockBytes.half(lanes, halves + 2L * ((long) i * ROWS + lane));
  }
}
