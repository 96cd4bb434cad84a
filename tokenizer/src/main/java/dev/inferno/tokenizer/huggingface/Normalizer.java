package dev.inferno.tokenizer.huggingface;

/// Changes a text before it is cut into pieces. Immutable and thread-safe.
@FunctionalInterface
public interface Normalizer {

  /// The changed text, or the same object where nothing changes.
  AlignedText normalize(AlignedText text);
}
