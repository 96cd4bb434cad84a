package dev.inferno.tokenizer;

/// How to encode a text. Immutable.
///
/// @param parsesSpecials whether the text of a special token is taken as that token; if not it is
///   plain text, for input that must not steer the model. Tokens that are defined as a whole but
///   are not special are recognised either way.
/// @param addsFirst whether tokens are put at the beginning as the model asks for; not wanted for a
///   prompt made from a chat template, which already has them
/// @param addsLast whether tokens are put at the end as the model asks for; not wanted for a prompt
///   that is to be continued
public record EncodeOptions(boolean parsesSpecials, boolean addsFirst, boolean addsLast) {

  private static final EncodeOptions DEFAULTS = new EncodeOptions(true, true, true);
  private static final EncodeOptions PROMPT = new EncodeOptions(true, true, false);

  /// Special tokens are parsed and added.
  public static EncodeOptions defaults() {
    return DEFAULTS;
  }

  /// Special tokens are parsed, and added at the beginning: for a text that is to be continued.
  public static EncodeOptions prompt() {
    return PROMPT;
  }

  /// The same, but special tokens in the text are parsed or not.
  public EncodeOptions withParsedSpecials(boolean parse) {
    return new EncodeOptions(parse, addsFirst, addsLast);
  }

  /// The same, but special tokens at both ends are added or not.
  public EncodeOptions withAddedSpecials(boolean add) {
    return new EncodeOptions(parsesSpecials, add, add);
  }
}
