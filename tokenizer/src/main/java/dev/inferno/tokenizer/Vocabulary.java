package dev.inferno.tokenizer;

import java.util.Optional;

/// The tokens of a model: the text and type of each. Immutable and thread-safe.
final class Vocabulary {

  /// Hundreds of times what the longest tokens of any known vocabulary have.
  static final int LONGEST_TOKEN_BYTES = 1 << 16;

  private final Utf8List texts;
  private final TokenType[] types;

  private Vocabulary(Utf8List texts, TokenType[] types) {
    this.texts = texts;
    this.types = types;
  }

  /// Tokens without file: their texts, empty where there is none, and their types.
  static Vocabulary of(Utf8List texts, TokenType[] types) {
    return new Vocabulary(texts, types.clone());
  }

  /// @param marksBytes whether tokens written `<0xHH>` stand for bytes if the file has no types
  static Vocabulary read(Metadata metadata, boolean marksBytes) {
    Utf8List texts = metadata.strings(Metadata.TOKENS);
    if (texts.isEmpty()) {
      throw Metadata.malformed("%s is empty; it must name at least one token", Metadata.TOKENS);
    }
    TokenType[] types = new TokenType[texts.size()];
    Optional<long[]> numbers = metadata.tokenIntegers(Metadata.TOKEN_TYPES, types.length);
    int strange = 0;
    int empty = 0;
    for (int id = 0; id < types.length; id++) {
      byte[] text = texts.utf8(id);
      if (text.length > LONGEST_TOKEN_BYTES) {
        throw Metadata.malformed(
            "%s: token %d has %d bytes; it must have at most %d",
            Metadata.TOKENS, id, text.length, LONGEST_TOKEN_BYTES);
      }
      if (text.length == 0) {
        empty++;
      }
      if (numbers.isEmpty()) {
        types[id] = marksBytes && octet(text) >= 0 ? TokenType.BYTE : TokenType.NORMAL;
      } else {
        Optional<TokenType> type = TokenType.numbered(numbers.get()[id]);
        types[id] = type.orElse(TokenType.NORMAL);
        strange += type.isPresent() ? 0 : 1;
      }
    }
    if (strange > 0) {
      metadata.warn(
          "%d of the types in %s are not from 0 to 6; those tokens are taken as normal",
          strange, Metadata.TOKEN_TYPES);
    }
    if (empty > 0) {
      metadata.warn("%d of the tokens in %s are empty; no text gives them", empty, Metadata.TOKENS);
    }
    if (numbers.isEmpty()) {
      markNamedTokens(metadata, types);
    }
    return new Vocabulary(texts, types);
  }

  /// Without types, the tokens that the file names by a key of their own are the special ones.
  private static void markNamedTokens(Metadata metadata, TokenType[] types) {
    Metadata quiet = new Metadata(metadata.values(), warning -> {});
    for (SpecialToken token : SpecialToken.values()) {
      TokenType type = token == SpecialToken.UNKNOWN ? TokenType.UNKNOWN : TokenType.CONTROL;
      token.read(quiet, types.length).ifPresent(id -> types[id] = type);
    }
  }

  /// The byte that a token written `<0xHH>` stands for, or -1 if it is written otherwise.
  static int octet(byte[] text) {
    if (text.length != 6 || text[0] != '<' || text[1] != '0' || text[2] != 'x' || text[5] != '>') {
      return -1;
    }
    int high = Character.digit(text[3], 16);
    int low = Character.digit(text[4], 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  int size() {
    return types.length;
  }

  Utf8List texts() {
    return texts;
  }

  String text(int id) {
    return texts.get(id);
  }

  byte[] utf8(int id) {
    return texts.utf8(id);
  }

  /// Whether no token has this id, though others have greater ones.
  boolean isHole(int id) {
    return types[id] == TokenType.UNUSED && texts.utf8(id).length == 0;
  }

  TokenType type(int id) {
    return types[id];
  }

  /// From a text to its id.
  ByteTable textTable() {
    ByteTable table = new ByteTable(size());
    for (int id = 0; id < size(); id++) {
      byte[] text = texts.utf8(id);
      table.add(text, 0, text.length);
    }
    return table;
  }
}
