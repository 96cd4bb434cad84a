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
  /// 5.5 bits a weight.
  Q5_K_S(16, GgmlType.Q5_K),
  /// Q4_K, with a part of the values and the down projections in Q6_K.
  Q4_K_M(15, GgmlType.Q4_K, "Q4_K"),
  /// Q4_K, with the first values and down projections in Q5_K.
  Q4_K_S(14, GgmlType.Q4_K),
  /// Q3_K, with values, attention outputs and down projections in Q5_K.
  Q3_K_L(13, GgmlType.Q3_K),
  /// Q3_K, with values, attention outputs and down projections in Q4_K, the first ones in Q5_K.
  Q3_K_M(12, GgmlType.Q3_K, "Q3_K"),
  /// 3.4 bits a weight.
  Q3_K_S(11, GgmlType.Q3_K),
  /// Q2_K, with values, attention outputs and down projections in Q3_K.
  Q2_K(10, GgmlType.Q2_K),
  /// 4.5 bits a weight at uneven steps, with the first down projections in Q5_K.
  IQ4_NL(25, GgmlType.IQ4_NL),
  /// The same with scales of six bits: 4.25 bits a weight.
  IQ4_XS(30, GgmlType.IQ4_XS),
  /// The experts of a mixture in floats of four bits, all else in Q8_0.
  MXFP4_MOE(38, GgmlType.MXFP4),
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

  /// The type of this name, in upper or lower case; `Q3_K`, `Q4_K` and `Q5_K` are their `_M`.
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
