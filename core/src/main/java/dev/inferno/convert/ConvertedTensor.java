package dev.inferno.convert;

import dev.inferno.format.GgmlType;
import dev.inferno.format.TensorInfo;

/// What became of a tensor. Immutable.
///
/// @param source the tensor as it was
/// @param type its type after
/// @param wanted the type that it would have, had its rows whole blocks of that type; mostly {@code
///   type}
public record ConvertedTensor(TensorInfo source, GgmlType type, GgmlType wanted) {

  /// Whether another type had to do.
  public boolean fellBack() {
    return type != wanted;
  }

  /// Whether its bytes are those it had.
  public boolean isKept() {
    return type == source.type();
  }

  /// The bytes of its data after.
  public long sizeBytes() {
    return type.bytes(source.elements());
  }
}
