package dev.inferno.internal.models;

import dev.inferno.format.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// What a model is read from: metadata and tensors under the names that GGUF gives them, in the
/// layout that GGUF has, wherever they come from. Loading is for one thread; what {@link #data}
/// gave may then be read by all.
public interface ModelFile {

  /// What messages call it.
  String name();

  /// All metadata, see {@link dev.inferno.format.GgufFile#metadata}.
  Map<String, Object> metadata();

  /// The string of this key, if there is such a key.
  Optional<String> string(String key);

  /// The string of this key.
  String requiredString(String key);

  /// The integer of this key, if there is such a key.
  OptionalLong integer(String key);

  /// The integer of this key.
  long requiredInteger(String key);

  /// The floating-point number of this key, if there is such a key.
  OptionalDouble real(String key);

  /// The floating-point number of this key.
  double requiredReal(String key);

  /// What messages call a key: as it is written where it comes from.
  String keyName(String key);

  /// All tensors.
  List<TensorInfo> tensors();

  /// The tensor with this name, if there is one.
  Optional<TensorInfo> tensor(String name);

  /// What messages call a tensor: as it is written where it comes from.
  String tensorName(String tensor);

  /// The bytes of a tensor.
  MemorySegment data(TensorInfo tensor);

  /// How many bytes there are to load.
  long sizeBytes();
}
