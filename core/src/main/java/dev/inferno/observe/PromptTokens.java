package dev.inferno.observe;

import java.util.List;

/// The tokens that a generation begins with.
///
/// @param firstPosition the absolute position of the first of them
/// @param ids their ids
/// @param pieces their texts, as the vocabulary shows them
public record PromptTokens(int firstPosition, List<Integer> ids, List<String> pieces) {
  /// Copies the lists.
  public PromptTokens {
    ids = List.copyOf(ids);
    pieces = List.copyOf(pieces);
  }
}
