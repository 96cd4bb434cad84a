package dev.inferno.internal.safetensors;

import java.util.List;

/// What a file says about one tensor. Immutable.
///
/// @param name the tensor's name, such as `model.embed_tokens.weight`
/// @param type the type of its elements
/// @param shape its sizes, the slowest dimension first; empty for a scalar
/// @param offset where its data begins, in bytes from the beginning of the file
/// @param sizeBytes how many bytes its data has
public record SafetensorsTensor(
    String name, SafetensorsType type, List<Long> shape, long offset, long sizeBytes) {

  /// A copy of the shape is kept.
  public SafetensorsTensor {
    shape = List.copyOf(shape);
  }

  /// The number of elements, the product of the shape.
  public long elements() {
    long product = 1;
    for (long dimension : shape) {
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }
}
