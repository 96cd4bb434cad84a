package dev.inferno.internal.gguf;

import java.util.Optional;

/// The types of metadata values: the id in a file, what people call it, and the bytes of a value.
public enum GgufType {
  U8(0, "u8", 1),
  I8(1, "i8", 1),
  U16(2, "u16", 2),
  I16(3, "i16", 2),
  U32(4, "u32", 4),
  I32(5, "i32", 4),
  F32(6, "f32", 4),
  BOOL(7, "bool", 1),
  /// A length, u64, and that many bytes of UTF-8.
  STRING(8, "str", 8),
  /// The type of the elements, u32, their number, u64, and the elements.
  ARRAY(9, "arr", 12),
  U64(10, "u64", 8),
  I64(11, "i64", 8),
  F64(12, "f64", 8);

  private final int id;
  private final String label;
  private final int leastBytes;

  GgufType(int id, String label, int leastBytes) {
    this.id = id;
    this.label = label;
    this.leastBytes = leastBytes;
  }

  /// The number that stands for this type in a file.
  public int id() {
    return id;
  }

  /// The name that people read, such as `u32`.
  public String label() {
    return label;
  }

  /// Bytes of a value; of an empty one where the length varies.
  public int leastBytes() {
    return leastBytes;
  }

  /// Whether its values are integers.
  public boolean integer() {
    return switch (this) {
      case U8, I8, U16, I16, U32, I32, U64, I64 -> true;
      case F32, F64, BOOL, STRING, ARRAY -> false;
    };
  }

  /// The type with this id, if there is one.
  public static Optional<GgufType> of(int id) {
    for (GgufType type : values()) {
      if (type.id == id) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }

  /// The type with this label, if there is one.
  public static Optional<GgufType> labelled(String label) {
    for (GgufType type : values()) {
      if (type.label.equals(label)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
