package dev.inferno.tokenizer;

import java.nio.charset.StandardCharsets;

/// SentencePiece with a unigram language model, `t5` in GGUF: text is normalized, then cut by a
/// {@link Unigram}.
///
/// Ids are those of SentencePiece. Decoding is that of the tokenizers T5 was published with: blanks
/// at the beginning of the first token are left out, and tokens for bytes appear as they are
/// written.
final class SentencePieceUnigram implements TokenizerModel {

  private final SentencePieceNormalizer normalizer;
  private final Unigram unigram;
  private final ByteTable bytes;
  private final ByteTable firstBytes;

  private SentencePieceUnigram(
      SentencePieceNormalizer normalizer, Unigram unigram, ByteTable bytes, ByteTable firstBytes) {
    this.normalizer = normalizer;
    this.unigram = unigram;
    this.bytes = bytes;
    this.firstBytes = firstBytes;
  }

  /// @param unknownId the token for unknown characters
  static SentencePieceUnigram read(Metadata metadata, Vocabulary vocabulary, int unknownId) {
    ByteTable bytes = new ByteTable(vocabulary.size());
    ByteTable firstBytes = new ByteTable(vocabulary.size());
    int tooLong = 0;
    for (int id = 0; id < vocabulary.size(); id++) {
      String text = vocabulary.text(id);
      append(text.replace('▁', ' '), bytes);
      append(text.replace("▁", ""), firstBytes);
      tooLong += vocabulary.utf8(id).length > Unigram.LONGEST_PIECE_BYTES ? 1 : 0;
    }
    if (tooLong > 0) {
      metadata.warn(
          "%d tokens in %s are longer than %d bytes; they are decoded, but no text gives them",
          tooLong, Metadata.TOKENS, Unigram.LONGEST_PIECE_BYTES);
    }
    String charsMap = "tokenizer.ggml.precompiled_charsmap";
    SentencePieceNormalizer normalizer =
        new SentencePieceNormalizer(
            CharsMap.read(charsMap, metadata.bytes(charsMap)),
            metadata.flag("tokenizer.ggml.add_space_prefix", true),
            metadata.flag("tokenizer.ggml.remove_extra_whitespaces", true));
    return new SentencePieceUnigram(
        normalizer, unigram(metadata, vocabulary, unknownId), bytes, firstBytes);
  }

  private static void append(String text, ByteTable table) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    table.append(utf8, 0, utf8.length);
  }

  private static Unigram unigram(Metadata metadata, Vocabulary vocabulary, int unknownId) {
    float[] scores = metadata.tokenFloats(Metadata.SCORES, vocabulary.size());
    float least = Float.MAX_VALUE;
    float greatest = Float.MIN_NORMAL; // as in SentencePiece, though scores are negative
    for (int id = 0; id < scores.length; id++) {
      if (vocabulary.type(id) == TokenType.NORMAL) {
        least = Math.min(least, scores[id]);
        greatest = Math.max(greatest, scores[id]);
      }
    }
    double[] values = new double[scores.length];
    for (int id = 0; id < scores.length; id++) {
      boolean defined = vocabulary.type(id) == TokenType.USER_DEFINED;
      // Tokens that are one wherever they occur score better than any way around them.
      values[id] = defined ? vocabulary.utf8(id).length * greatest - 0.1 : scores[id];
    }
    return new Unigram(
        vocabulary.texts(),
        values,
        id ->
            vocabulary.type(id) == TokenType.NORMAL
                || vocabulary.type(id) == TokenType.USER_DEFINED,
        unknownId,
        least - Unigram.UNKNOWN_PENALTY,
        ByteTokens.read(vocabulary).ids(),
        Unigram.Sums.SINGLE);
  }

  @Override
  public void encode(byte[] utf8, int from, int to, TokenSink sink) {
    MappedText text = normalizer.apply(utf8, from, to);
    sink.readFrom(text.starts(), text.ends(), from);
    sink.work().normalized(text.utf8(), 0, text.length());
    if (text.length() > 0) {
      sink.work().piece(text.utf8(), 0, text.length());
    }
    unigram.encode(text.utf8(), 0, text.length(), sink);
    sink.readFromText();
  }

  @Override
  public ByteTable bytes() {
    return bytes;
  }

  @Override
  public ByteTable firstBytes() {
    return firstBytes;
  }

  @Override
  public boolean isByteToken(int id) {
    return false;
  }

  @Override
  public boolean stripsFirstBlank() {
    return false;
  }

  @Override
  public String toString() {
    return "SentencePiece unigram, %d tokens".formatted(bytes.size());
  }
}
