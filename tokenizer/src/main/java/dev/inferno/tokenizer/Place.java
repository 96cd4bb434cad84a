package dev.inferno.tokenizer;

/// Where in a text something stands; ends are exclusive. Immutable.
///
/// @param byteStart where it begins in the UTF-8 form of the text
/// @param byteEnd where it ends there
/// @param charStart where it begins in the `String`: the first char of the character that its first
///   byte is in
/// @param charEnd where it ends there: behind the character that its last byte is in
public record Place(int byteStart, int byteEnd, int charStart, int charEnd) {}
