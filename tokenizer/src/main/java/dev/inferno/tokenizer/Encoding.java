package dev.inferno.tokenizer;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import org.jspecify.annotations.Nullable;

/// A text as tokens, and where in the text each stands. Immutable and thread-safe.
///
/// Places are given twice: in bytes of the text's UTF-8 form, exact, and in `char`s of the
/// `String`, where a token that begins or ends within a character has the whole character. A token
/// that was added has an empty place at the end it was added to; so has a blank that the model puts
/// before a text. Where a text is normalized first, places are those in the original.
public final class Encoding {

  private final Vocabulary vocabulary;
  private final String text;
  private final int[] ids;
  private final int[] starts;
  private final int[] ends;
  private final int[] dropped;

  /// Computed when first asked for. Two threads may both compute it, with the same result.
  private @Nullable CharOffsets charOffsets;

  Encoding(Vocabulary vocabulary, String text, TokenSink tokens) {
    this.vocabulary = vocabulary;
    this.text = text;
    this.ids = tokens.ids();
    this.starts = tokens.starts();
    this.ends = tokens.ends();
    this.dropped = tokens.dropped();
  }

  /// The number of tokens.
  public int size() {
    return ids.length;
  }

  /// The ids of the tokens, a fresh copy.
  public int[] ids() {
    return ids.clone();
  }

  /// The id of token `i`.
  public int id(int i) {
    return ids[i];
  }

  /// The text of token `i` as the vocabulary has it, see {@link Tokenizer#piece}.
  public String piece(int i) {
    return vocabulary.text(ids[i]);
  }

  /// The texts of all tokens as the vocabulary has them, an unmodifiable view.
  public List<String> pieces() {
    return new Pieces();
  }

  private final class Pieces extends AbstractList<String> implements RandomAccess {
    @Override
    public String get(int i) {
      return piece(i);
    }

    @Override
    public int size() {
      return ids.length;
    }
  }

  /// Where token `i` begins, in bytes.
  public int byteStart(int i) {
    return starts[i];
  }

  /// Where token `i` ends, in bytes, exclusive.
  public int byteEnd(int i) {
    return ends[i];
  }

  /// Where token `i` begins, in chars: the beginning of the character that its first byte is in.
  public int charStart(int i) {
    return charOffsets().start(starts[i]);
  }

  /// Where token `i` ends, in chars, exclusive: the end of the character that its last byte is in.
  public int charEnd(int i) {
    return charOffsets().end(starts[i], ends[i]);
  }

  /// The part of the text that token `i` stands for, in whole characters.
  public String textOf(int i) {
    return text.substring(charStart(i), charEnd(i));
  }

  /// The text that was encoded.
  public String text() {
    return text;
  }

  /// The places, in bytes, of those bytes of the text that no token stands for; some vocabularies
  /// lack tokens for rare bytes. Empty if the tokens stand for the whole text.
  public int[] droppedBytes() {
    return dropped.clone();
  }

  private CharOffsets charOffsets() {
    CharOffsets offsets = charOffsets;
    if (offsets == null) {
      offsets = new CharOffsets(text);
      charOffsets = offsets;
    }
    return offsets;
  }

  @Override
  public String toString() {
    return pieces().toString();
  }
}
