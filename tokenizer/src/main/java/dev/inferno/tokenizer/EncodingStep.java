package dev.inferno.tokenizer;

import java.util.List;

/// One step on the way from a text to its tokens, see {@link Tokenizer#encode(String,
/// EncodeOptions, java.util.function.Consumer)}. Immutable.
///
/// What is between the tokens that are found as a whole is {@link Normalized} and cut into {@link
/// Piece}s. After each piece come the steps of its model: {@link Symbols} and the {@link Merge}s of
/// byte-pair encoding, {@link Candidate}s of a unigram model, {@link Match}es of WordPiece. Its
/// {@link Token}s come last; at once, where the piece as a whole is one that needs no work.
///
/// Tokens and symbols are written as in the vocabulary, where a blank may be `Ġ` or `▁`.
public sealed interface EncodingStep {

  /// A part of the text is brought to the form that the vocabulary is written in.
  ///
  /// @param text the part after that; often the same
  /// @param place of the part
  record Normalized(String text, Place place) implements EncodingStep {}

  /// What was normalized is cut, and this is the next piece. Tokens never cross its ends.
  ///
  /// A SentencePiece model cuts nothing: all is one piece. But where no token has a blank after
  /// another character, words cannot meet, and each is shown by itself.
  ///
  /// @param text the piece as the model sees it
  /// @param place of what it stems from
  record Piece(String text, Place place) implements EncodingStep {}

  /// What byte-pair encoding begins with: the bytes or the characters of the last piece.
  ///
  /// @param symbols in their order
  record Symbols(List<String> symbols) implements EncodingStep {
    /// Copies the list.
    public Symbols {
      symbols = List.copyOf(symbols);
    }
  }

  /// Two neighbours become one symbol. Of all neighbours that can, those of the lowest rank do; of
  /// several of them the leftmost.
  ///
  /// @param leftAt which of {@link Symbols} the left one begins with, from 0 on
  /// @param rightAt which of them the right one begins with
  /// @param left the left symbol
  /// @param right the right one
  /// @param merged what they become
  /// @param rank the place of the pair in the file's list of merges, from 0 on; where a file has
  ///   scores instead, how many tokens have at least the score of the result
  record Merge(int leftAt, int rightAt, String left, String right, String merged, int rank)
      implements EncodingStep {}

  /// A unigram model weighs a token that the last piece could be continued with.
  ///
  /// @param id the token, or that for what is unknown
  /// @param token its text
  /// @param start where it begins, in chars of the {@link Piece}'s text
  /// @param end where it ends there, exclusive
  /// @param score the logarithm of its probability
  /// @param sum the score of the best way to its end that has this token last
  /// @param isBest whether no way to its end was better so far
  record Candidate(
      int id, String token, int start, int end, double score, double sum, boolean isBest)
      implements EncodingStep {}

  /// WordPiece found the longest token that the rest of a word begins with. If there is none for
  /// what is left, all of the word is unknown.
  ///
  /// @param id the token
  /// @param token its text
  /// @param place of what it would stand for
  record Match(int id, String token, Place place) implements EncodingStep {}

  /// A token of the encoding. If its place grows later, since another unknown character follows, it
  /// comes again.
  ///
  /// @param index its number in the {@link Encoding}
  /// @param id the token
  /// @param token its text
  /// @param place of what it stands for
  /// @param origin how it came in
  record Token(int index, int id, String token, Place place, Origin origin)
      implements EncodingStep {}

  /// How a token came into an encoding.
  enum Origin {
    /// Put at an end of the text, as the model asks for.
    ADDED,
    /// Found in the text as a whole, before the rest is cut: special tokens, and some others.
    FOUND,
    /// From a piece.
    PIECE,
    /// From a piece, for one byte of a character that is no token.
    BYTE,
    /// From a piece, for what no token stands for.
    UNKNOWN
  }

  /// A byte that there is no token for is left out.
  ///
  /// @param place of the byte
  record Dropped(Place place) implements EncodingStep {}
}
