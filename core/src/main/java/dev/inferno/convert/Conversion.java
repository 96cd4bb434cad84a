package dev.inferno.convert;

import dev.inferno.format.TensorInfo;
import java.util.List;

/// What became of the tensors of a file. Immutable.
///
/// @param tensors all of them, in the order of the file
public record Conversion(List<ConvertedTensor> tensors) {

  /// A copy of the list is kept.
  public Conversion {
    tensors = List.copyOf(tensors);
  }

  /// The bytes of their data before.
  public long bytesBefore() {
    return tensors.stream().map(ConvertedTensor::source).mapToLong(TensorInfo::sizeBytes).sum();
  }

  /// The bytes of their data after.
  public long bytesAfter() {
    return tensors.stream().mapToLong(ConvertedTensor::sizeBytes).sum();
  }

  /// How many numbers they hold.
  public long elements() {
    return tensors.stream().map(ConvertedTensor::source).mapToLong(TensorInfo::elements).sum();
  }

  /// Those whose rows are not whole blocks of the type that they would have.
  public List<ConvertedTensor> fallbacks() {
    return tensors.stream().filter(ConvertedTensor::fellBack).toList();
  }
}
