package dev.inferno.tokenizer;

/// How to encode a text. Immutable.
///
/// @param parsesSpecials whether the text of a special token is taken as that token; if not it is
///   plain text, for input that must not steer the model. Tokens that are defined as a whole but
///   are not special are recognised either way.
/// @param addsSpecials whether tokens are put at the beginning and the end as the model asks for;
///   not wanted for a prompt made from a chat template, which already has them
public record EncodeOptions(boolean parsesSpecials, boolean addsSpecials) {

  private static final EncodeOptions DEFAULTS = new EncodeOptions(true, true);

  /// Special tokens are parsed and added.
  public static EncodeOptions defaults() {
    return DEFAULTS;
  }

  /// The same, but special tokens in the text are parsed or not.
  public EncodeOptions withParsedSpecials(boolean parse) {
    return new EncodeOptions(parse, addsSpecials);
  }

  /// The same, but special tokens at both ends are added or not.
  public EncodeOptions withAddedSpecials(boolean add) {
    return new EncodeOptions(parsesSpecials, add);
  }
}
