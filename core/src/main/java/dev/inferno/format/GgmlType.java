package dev.inferno.format;

import java.util.Optional;
import java.util.Set;

/// Every element type of ggml: its id in a GGUF file, and how many elements lie in how many bytes.
///
/// The source is ggml's type table (`ggml_type` and its traits, commit d99724f2). Immutable.
public enum GgmlType {
  /// Type 0: blocks of 1 in 4 bytes.
  F32(0, 1, 4),
  /// Type 1: blocks of 1 in 2 bytes.
  F16(1, 1, 2),
  /// Type 2: blocks of 32 in 18 bytes.
  Q4_0(2, 32, 18),
  /// Type 3: blocks of 32 in 20 bytes.
  Q4_1(3, 32, 20),
  /// Type 6: blocks of 32 in 22 bytes.
  Q5_0(6, 32, 22),
  /// Type 7: blocks of 32 in 24 bytes.
  Q5_1(7, 32, 24),
  /// Type 8: blocks of 32 in 34 bytes.
  Q8_0(8, 32, 34),
  /// Type 9: blocks of 32 in 36 bytes.
  Q8_1(9, 32, 36),
  /// Type 10: blocks of 256 in 84 bytes.
  Q2_K(10, 256, 84),
  /// Type 11: blocks of 256 in 110 bytes.
  Q3_K(11, 256, 110),
  /// Type 12: blocks of 256 in 144 bytes.
  Q4_K(12, 256, 144),
  /// Type 13: blocks of 256 in 176 bytes.
  Q5_K(13, 256, 176),
  /// Type 14: blocks of 256 in 210 bytes.
  Q6_K(14, 256, 210),
  /// Type 15: blocks of 256 in 292 bytes.
  Q8_K(15, 256, 292),
  /// Type 16: blocks of 256 in 66 bytes.
  IQ2_XXS(16, 256, 66),
  /// Type 17: blocks of 256 in 74 bytes.
  IQ2_XS(17, 256, 74),
  /// Type 18: blocks of 256 in 98 bytes.
  IQ3_XXS(18, 256, 98),
  /// Type 19: blocks of 256 in 50 bytes.
  IQ1_S(19, 256, 50),
  /// Type 20: blocks of 32 in 18 bytes.
  IQ4_NL(20, 32, 18),
  /// Type 21: blocks of 256 in 110 bytes.
  IQ3_S(21, 256, 110),
  /// Type 22: blocks of 256 in 82 bytes.
  IQ2_S(22, 256, 82),
  /// Type 23: blocks of 256 in 136 bytes.
  IQ4_XS(23, 256, 136),
  /// Type 24: blocks of 1 in 1 bytes.
  I8(24, 1, 1),
  /// Type 25: blocks of 1 in 2 bytes.
  I16(25, 1, 2),
  /// Type 26: blocks of 1 in 4 bytes.
  I32(26, 1, 4),
  /// Type 27: blocks of 1 in 8 bytes.
  I64(27, 1, 8),
  /// Type 28: blocks of 1 in 8 bytes.
  F64(28, 1, 8),
  /// Type 29: blocks of 256 in 56 bytes.
  IQ1_M(29, 256, 56),
  /// Type 30: blocks of 1 in 2 bytes.
  BF16(30, 1, 2),
  /// Type 34: blocks of 256 in 54 bytes.
  TQ1_0(34, 256, 54),
  /// Type 35: blocks of 256 in 66 bytes.
  TQ2_0(35, 256, 66),
  /// Type 39: blocks of 32 in 17 bytes.
  MXFP4(39, 32, 17),
  /// Type 40: blocks of 64 in 36 bytes.
  NVFP4(40, 64, 36),
  /// Type 41: blocks of 128 in 18 bytes.
  Q1_0(41, 128, 18),
  /// Type 42: blocks of 64 in 18 bytes.
  Q2_0(42, 64, 18);

  private static final Set<Integer> REMOVED = Set.of(4, 5, 31, 32, 33, 36, 37, 38);

  private final int id;
  private final int blockSize;
  private final int blockBytes;

  GgmlType(int id, int blockSize, int blockBytes) {
    this.id = id;
    this.blockSize = blockSize;
    this.blockBytes = blockBytes;
  }

  /// The number that stands for this type in a GGUF file.
  public int id() {
    return id;
  }

  /// Elements in a block; rows are a whole number of blocks.
  public int blockSize() {
    return blockSize;
  }

  /// Bytes of a block.
  public int blockBytes() {
    return blockBytes;
  }

  /// The bytes of a number of elements that is a multiple of the block size.
  ///
  /// @throws ArithmeticException if the product is beyond 64 bits
  public long bytes(long elements) {
    return Math.multiplyExact(elements / blockSize, (long) blockBytes);
  }

  /// The type with this id, if there is one.
  public static Optional<GgmlType> of(int id) {
    for (GgmlType type : values()) {
      if (type.id == id) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /// Whether this id stood for a type that ggml once had and dropped, such as `Q4_2`.
  public static boolean removed(int id) {
    return REMOVED.contains(id);
  }
}
