package dev.inferno.observe;

/// More of the text is certain: whole characters, and nothing that might still turn out to be a
/// stop string.
///
/// @param step the step that completed it
/// @param text the new text, never empty
public record TextPiece(int step, String text) {}
