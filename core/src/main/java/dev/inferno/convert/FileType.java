package dev.inferno.convert;

import dev.inferno.format.GgmlType;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// In which types a file has its tensors; most are a mix, named for the type of most matrices. The
/// names and what they mean are those of `llama-quantize`. Immutable.
public enum FileType {
  /// Matrices in single precision.
  F32(0, GgmlType.F32),
  /// Matrices in half precision.
  F16(1, GgmlType.F16),
  /// Matrices in the upper half of single precision.
  BF16(32, GgmlType.BF16),
  /// 8.5 bits a weight.
  Q8_0(7, GgmlType.Q8_0),
  /// 6.6 bits a weight.
  Q6_K(18, GgmlType.Q6_K),
  /// Q5_K, with a part of the values and the down projections in Q6_K.
  Q5_K_M(17, GgmlType.Q5_K, "Q5_K"),
  /// Q4_K, with a part of the values and the down projections in Q6_K.
  Q4_K_M(15, GgmlType.Q4_K, "Q4_K"),
  /// 6 bits a weight, with a minimum for each block.
  Q5_1(9, GgmlType.Q5_1),
  /// 5.5 bits a weight.
  Q5_0(8, GgmlType.Q5_0),
  /// 5 bits a weight, with a minimum for each block.
  Q4_1(3, GgmlType.Q4_1),
  /// 4.5 bits a weight.
  Q4_0(2, GgmlType.Q4_0);

  private final int id;
  private final GgmlType matrices;
  private final String alias;

  FileType(int id, GgmlType matrices) {
    this(id, matrices, "");
  }

  FileType(int id, GgmlType matrices, String alias) {
    this.id = id;
    this.matrices = matrices;
    this.alias = alias;
  }

  /// The number that `general.file_type` has for it.
  public int id() {
    return id;
  }

  /// The type of most matrices.
  public GgmlType matrices() {
    return matrices;
  }

  /// Whether this is a mix of k-quants.
  boolean isMixed() {
    return this == Q4_K_M || this == Q5_K_M;
  }

  /// The type of this name, in upper or lower case; `Q4_K` and `Q5_K` are their `_M`.
  ///
  /// @throws IllegalArgumentException if there is none
  public static FileType named(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(type -> upper.equals(type.name()) || (!upper.isEmpty() && upper.equals(type.alias)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "the type must be one of %s, but is '%s'".formatted(names(), name)));
  }

  private static String names() {
    return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
