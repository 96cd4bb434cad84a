package dev.inferno.internal.gguf;

import java.util.Set;

/// The limits and rules that the reader and the writer of GGUF share.
public final class GgufFormat {
  /// The metadata key of the alignment, a `u32`.
  public static final String ALIGNMENT_KEY = "general.alignment";

  /// The metadata key of a part's number, from 0.
  public static final String SPLIT_NUMBER_KEY = "split.no";

  /// The metadata key of the number of parts.
  public static final String SPLIT_COUNT_KEY = "split.count";

  /// The metadata key of the number of tensors of all parts.
  public static final String SPLIT_TENSORS_KEY = "split.tensors.count";

  /// The keys that a part has and a whole file has not.
  public static final Set<String> SPLIT_KEYS =
      Set.of(SPLIT_NUMBER_KEY, SPLIT_COUNT_KEY, SPLIT_TENSORS_KEY);

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
