package dev.inferno.observe;

import java.util.List;

/// A draft has been compared with what the sampler chose, see {@link
/// dev.inferno.GenerationOptions#speculation(int)}. Immutable. It comes once the outcome is known:
/// in the step that chose the last token of the draft or another one than the draft had, or before
/// the end of the generation. The steps of accepted tokens have all their events, as if there were
/// no speculation; a rejected token has no other event than this.
///
/// @param step the number of the step in which the draft passed through the model
/// @param firstPosition the absolute position of the first drafted token
/// @param ids the draft
/// @param accepted how many of the tokens, the first ones, the sampler chose
public record Verification(int step, int firstPosition, List<Integer> ids, int accepted) {
  /// Copies the list.
  public Verification {
    ids = List.copyOf(ids);
  }
}
