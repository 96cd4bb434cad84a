package dev.inferno.internal.gguf;

import dev.inferno.format.TensorInfo;
import java.util.List;
import java.util.Map;

/// Everything in a file but the tensors' data, validated.
///
/// @param version of the format, 2 or 3
/// @param alignment the data of every tensor begins at a multiple of it, in bytes
/// @param dataOffset where the data section begins, in bytes from the beginning of the file
/// @param metadata by key, in file order
/// @param tensors by name, in file order
/// @param warnings what is unusual, but no reason to refuse the file
public record GgufHeader(
    int version,
    int alignment,
    long dataOffset,
    Map<String, MetadataValue> metadata,
    Map<String, TensorInfo> tensors,
    List<String> warnings) {}
