package dev.inferno.format;

import java.util.List;

/// What a file says about one tensor. Immutable.
///
/// @param name the tensor's name, such as `blk.0.attn_q.weight`
/// @param type the type of its elements
/// @param dimensions its sizes as ggml counts them, the fastest (the length of a row) first; 1 to 4
///   of them, each >= 0
/// @param offset where its data begins, in bytes from the beginning of the file
/// @param sizeBytes how many bytes its data has
public record TensorInfo(
    String name, GgmlType type, List<Long> dimensions, long offset, long sizeBytes) {

  /// A copy of the list of dimensions is kept.
  public TensorInfo {
    dimensions = List.copyOf(dimensions);
  }

  /// The number of elements, the product of the dimensions.
  public long elements() {
    long product = 1;
    for (long dimension : dimensions) {
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }
}
