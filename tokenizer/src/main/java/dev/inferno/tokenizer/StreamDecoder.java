package dev.inferno.tokenizer;

/// Turns tokens into text one by one, as a model generates them. For one thread at a time.
///
/// What is given out never changes later and never ends in half a character: bytes wait until the
/// character is whole. All that is given out, {@link #flush} last, makes the text that {@link
/// Tokenizer#decode} gives for all tokens. (One exception: where byte tokens make whole characters
/// and then, with no other token between, something malformed, those characters are out already,
/// and `decode` has U+FFFD for each of their bytes.)
///
/// Nothing is allocated beyond the text given out, once the buffer has the size of the longest
/// token.
public final class StreamDecoder {

  private final Tokenizer tokenizer;
  private final SpecialText specials;
  private final Decoding pending;

  StreamDecoder(Tokenizer tokenizer, SpecialText specials, Decoding pending) {
    this.tokenizer = tokenizer;
    this.specials = specials;
    this.pending = pending;
  }

  /// The text that is settled by one more token, often empty.
  ///
  /// @throws IllegalArgumentException if the vocabulary has no such id
  public String append(int id) {
    tokenizer.checkId(id);
    if (specials == SpecialText.HIDDEN && tokenizer.isSpecial(id)) {
      return "";
    }
    pending.append(id);
    return pending.isComplete() ? pending.take() : "";
  }

  /// The text of what still waits, U+FFFD in place of what never became a character. A token
  /// afterwards continues the same text.
  public String flush() {
    return pending.take();
  }

  /// A decoder in the same state that goes its own way.
  public StreamDecoder copy() {
    return new StreamDecoder(tokenizer, specials, pending.copy());
  }
}
