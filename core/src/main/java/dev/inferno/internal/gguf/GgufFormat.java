package dev.inferno.internal.gguf;

/// The limits and rules that the reader and the writer of GGUF share.
public final class GgufFormat {
  /// The metadata key of the alignment, a `u32`.
  public static final String ALIGNMENT_KEY = "general.alignment";

  /// The alignment of a file that gives none.
  public static final int DEFAULT_ALIGNMENT = 32;

  /// The least alignment.
  public static final int LEAST_ALIGNMENT = 8;

  /// The greatest alignment; ggml knows no limit, and then padding runs past the end of a file.
  public static final int MOST_ALIGNMENT = 1 << 20;

  /// The most bytes of a key.
  public static final int MAX_KEY_BYTES = 65_535;

  /// The most bytes of a tensor's name.
  public static final int MAX_NAME_BYTES = 63;

  /// The most dimensions of a tensor.
  public static final int MAX_DIMENSIONS = 4;

  /// The most elements of a metadata array.
  public static final long MAX_ELEMENTS = 1L << 30;

  private GgufFormat() {}

  /// Whether this is a power of two in the range of alignments.
  public static boolean validAlignment(long alignment) {
    return alignment >= LEAST_ALIGNMENT
        && alignment <= MOST_ALIGNMENT
        && Long.bitCount(alignment) == 1;
  }

  /// The next multiple of an alignment, which is a power of two.
  ///
  /// @throws ArithmeticException if it is beyond 64 bits
  public static long padded(long size, int alignment) {
    return Math.addExact(size, alignment - 1) & -(long) alignment;
  }
}
