package dev.inferno.internal.gguf;

/// A metadata value and the type it has in the file.
///
/// @param type such as `u32`, or `arr[str]`
/// @param value String, Long, Double, Boolean, long[], float[], double[], boolean[] or {@link
///   dev.inferno.tokenizer.Utf8List}
public record MetadataValue(String type, Object value) {}
