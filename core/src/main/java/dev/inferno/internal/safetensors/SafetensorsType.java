package dev.inferno.internal.safetensors;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Every element type of safetensors 0.8 and its size in bits. A name is what stands in a file.
public enum SafetensorsType {
  BOOL(8),
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final Set<SafetensorsType> NO_NUMBERS =
      EnumSet.of(F4, F6_E2M3, F6_E3M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ, C64);

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  /// Bits of an element.
  public int bits() {
    return bits;
  }

  /// Whether its elements can be read as floats.
  public boolean isNumbers() {
    return !NO_NUMBERS.contains(this);
  }

  /// The types whose elements can be read as floats.
  public static List<SafetensorsType> numbers() {
    return Arrays.stream(values()).filter(SafetensorsType::isNumbers).toList();
  }

  /// The type with this name, which is case-sensitive, if there is one.
  public static Optional<SafetensorsType> of(String name) {
    for (SafetensorsType type : values()) {
      if (type.name().equals(name)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
