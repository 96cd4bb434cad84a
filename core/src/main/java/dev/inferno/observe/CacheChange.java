package dev.inferno.observe;

/// What happened to a range of positions in the KV cache of a session, in all layers. Immutable.
///
/// @param kind what happened
/// @param step the number of the step in which it happened, or of the last one before it
/// @param firstPosition the first of the positions, as they were counted before it
/// @param count how many positions it happened to
/// @param moved how many positions lay behind those that were forgotten: they moved down by
///   `count`, and their keys were turned to where they stand; otherwise 0
public record CacheChange(Kind kind, int step, int firstPosition, int count, int moved) {

  /// What can happen to positions.
  public enum Kind {
    /// A forward pass, which may be one chunk of a longer prompt, has stored their keys and values.
    /// A position that is there already is replaced: the last one, when it passes through the model
    /// again for its logits.
    WRITE,
    /// A generation goes on from them as they are; no other event of it shows how they came about.
    REUSE,
    /// The context was full in a generation: they are forgotten, see {@link
    /// dev.inferno.GenerationOptions#contextShift(int)}.
    SHIFT,
    /// They are forgotten since somebody wanted it: {@link dev.inferno.Session#rewind}, {@link
    /// dev.inferno.KeyValueCache#drop}, or an append that was cancelled.
    DROP
  }
}
