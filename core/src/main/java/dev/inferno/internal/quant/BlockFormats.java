package dev.inferno.internal.quant;

import dev.inferno.format.GgmlType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The table of the formats whose values can be computed with. Immutable.
public final class BlockFormats {
  private static final List<BlockFormat> ALL =
      List.of(
          new F32(),
          new F16(),
          new BF16(),
          new Q8_0(),
          new Q4_0(),
          new Q4_1(),
          new Q5_0(),
          new Q5_1(),
          new Q2_K(),
          new Q3_K(),
          new Q4_K(),
          new Q5_K(),
          new Q6_K(),
          new I8(),
          new I16(),
          new I32(),
          new I64(),
          new F64(),
          new IQ1_S(),
          new IQ1_M(),
          new IQ2_XXS(),
          new IQ2_XS(),
          new IQ2_S(),
          new IQ3_XXS(),
          new IQ3_S(),
          new IQ4_NL(),
          new IQ4_XS(),
          new TQ1_0(),
          new TQ2_0(),
          new MXFP4(),
          new NVFP4(),
          new Q1_0(),
          new Q2_0());
  private static final Map<GgmlType, BlockFormat> BY_TYPE = byType();

  private BlockFormats() {}

  /// All of them.
  public static List<BlockFormat> all() {
    return ALL;
  }

  /// The reference of a type, if it is supported.
  public static Optional<BlockFormat> of(GgmlType type) {
    return Optional.ofNullable(BY_TYPE.get(type));
  }

  /// The encoder of a type, if there is one.
  public static Optional<BlockEncoder> encoder(GgmlType type) {
    return BY_TYPE.get(type) instanceof BlockEncoder encoder
        ? Optional.of(encoder)
        : Optional.empty();
  }

  private static Map<GgmlType, BlockFormat> byType() {
    Map<GgmlType, BlockFormat> formats = new EnumMap<>(GgmlType.class);
    for (BlockFormat format : ALL) {
      formats.put(format.type(), format);
    }
    return formats;
  }
}
