package dev.inferno.internal.kernels;

import dev.inferno.format.GgmlType;
import dev.inferno.internal.quant.BlockFormat;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The table of the block formats that have a SIMD twin. Immutable.
///
/// Those of packed bits need vectors of at least 8 lanes, since there are none of 4 bytes; with 4
/// lanes they are decoded by the reference, and multiplied by SIMD kernels after that.
final class VectorFormats {
  private static final Map<GgmlType, BlockFormat> BY_TYPE = byType();

  private VectorFormats() {}

  /// The twin of a format, or the format itself if it has none.
  static BlockFormat of(BlockFormat reference) {
    return BY_TYPE.getOrDefault(reference.type(), reference);
  }

  private static Map<GgmlType, BlockFormat> byType() {
    Map<GgmlType, BlockFormat> formats = new EnumMap<>(GgmlType.class);
    List<BlockFormat> floats = List.of(new VectorF32(), new VectorF16(), new VectorBF16());
    List<BlockFormat> packed =
        List.of(
            new VectorQ8_0(),
            new VectorQ4_0(),
            new VectorQ4_1(),
            new VectorQ5_0(),
            new VectorQ5_1(),
            new VectorQ2_K(),
            new VectorQ3_K(),
            new VectorQ4_K(),
            new VectorQ5_K(),
            new VectorQ6_K(),
            new VectorIQ4_NL(),
            new VectorIQ4_XS(),
            new VectorMXFP4());
    for (BlockFormat format : floats) {
      formats.put(format.type(), format);
    }
    for (BlockFormat format : Simd.LANES < 8 ? List.<BlockFormat>of() : packed) {
      formats.put(format.type(), format);
    }
    return formats;
  }
}
