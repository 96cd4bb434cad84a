package dev.inferno.tokenizer.huggingface;

/// Cuts pieces of text into smaller ones, which a model then encodes each on its own. May change
/// the text on the way. Immutable and thread-safe.
@FunctionalInterface
public interface TextSplitter {

  /// The pieces of the pieces.
  Pieces split(Pieces pieces);
}
