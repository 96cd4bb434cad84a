package dev.inferno.tokenizer.huggingface;

import java.util.List;

/// Turns the texts of tokens into text that can be put together. Immutable and thread-safe.
@FunctionalInterface
public interface Decoder {

  /// The texts after this step, which may be fewer.
  List<String> decode(List<String> tokens);
}
