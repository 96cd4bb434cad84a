package dev.inferno.tokenizer;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/// Chooses the kind of tokenizer that a GGUF file describes, with the defaults of that kind; the
/// file's own keys come after and overrule them.
final class GgufTokenizers {

  private static final String SUPPORTED = "gpt2, llama, t5, bert";

  private GgufTokenizers() {}

  static Tokenizer read(Metadata metadata) {
    String kind =
        metadata
            .string(Metadata.MODEL)
            .orElseThrow(() ->
                Metadata.malformed("%s is missing; supported are %s", Metadata.MODEL, SUPPORTED));
    return switch (kind) {
      case "gpt2" -> byteLevelBpe(metadata);
      case "llama" -> sentencePieceBpe(metadata);
      case "t5" -> sentencePieceUnigram(metadata);
      case "bert" -> bertWordPiece(metadata);
      default ->
          throw new UnsupportedTokenizerException(
              "%s is '%s'; supported are %s"
                  .formatted(Metadata.MODEL, Metadata.shortened(kind), SUPPORTED));
    };
  }

  private static Tokenizer byteLevelBpe(Metadata metadata) {
    Vocabulary vocabulary = Vocabulary.read(metadata, false);
    PreTokenizerFamily family = family(metadata);
    Map<SpecialToken, Integer> ids =
        specialIds(
            metadata,
            vocabulary.size(),
            Map.of(SpecialToken.BEGINNING_OF_SEQUENCE, 11, SpecialToken.END_OF_SEQUENCE, 11));
    ByteTable texts = texts(metadata, vocabulary);
    return tokenizer(
        metadata,
        vocabulary,
        ByteLevelBpe.read(metadata, family, vocabulary, texts),
        ids,
        EndOfGeneration.of(texts, ids),
        AddedTokens.read(metadata, ids, family.addsBos(), false, family.addsSeparator()));
  }

  private static PreTokenizerFamily family(Metadata metadata) {
    return metadata
        .string(Metadata.PRE_TOKENIZER)
        .map(PreTokenizerFamily::named)
        .orElseGet(() -> {
          metadata.warn(
              "%s is missing; text is cut as by 'default', which may differ from what the"
                  + " model was trained with",
              Metadata.PRE_TOKENIZER);
          return PreTokenizerFamily.DEFAULT;
        });
  }

  private static Tokenizer sentencePieceBpe(Metadata metadata) {
    Vocabulary vocabulary = Vocabulary.read(metadata, true);
    Map<SpecialToken, Integer> ids =
        specialIds(
            metadata,
            vocabulary.size(),
            Map.of(
                SpecialToken.BEGINNING_OF_SEQUENCE, 1,
                SpecialToken.END_OF_SEQUENCE, 2,
                SpecialToken.UNKNOWN, 0));
    Integer unknown = ids.get(SpecialToken.UNKNOWN);
    return tokenizer(
        metadata,
        vocabulary,
        SentencePieceBpe.read(
            metadata, vocabulary, unknown == null ? OptionalInt.empty() : OptionalInt.of(unknown)),
        ids,
        EndOfGeneration.of(texts(metadata, vocabulary), ids),
        AddedTokens.read(metadata, ids, true, false, false));
  }

  private static Tokenizer sentencePieceUnigram(Metadata metadata) {
    Vocabulary vocabulary = Vocabulary.read(metadata, true);
    Map<SpecialToken, Integer> ids =
        specialIds(
            metadata,
            vocabulary.size(),
            Map.of(
                SpecialToken.END_OF_SEQUENCE, 1,
                SpecialToken.UNKNOWN, 2,
                SpecialToken.PADDING, 0));
    return tokenizer(
        metadata,
        vocabulary,
        SentencePieceUnigram.read(metadata, vocabulary, unknown(ids, vocabulary)),
        ids,
        EndOfGeneration.of(texts(metadata, vocabulary), ids),
        AddedTokens.read(metadata, ids, false, true, false));
  }

  private static Tokenizer bertWordPiece(Metadata metadata) {
    Vocabulary vocabulary = Vocabulary.read(metadata, false);
    Map<SpecialToken, Integer> ids =
        specialIds(
            metadata,
            vocabulary.size(),
            Map.of(
                SpecialToken.CLASSIFICATION, 101,
                SpecialToken.SEPARATOR, 102,
                SpecialToken.UNKNOWN, 100,
                SpecialToken.PADDING, 0,
                SpecialToken.MASK, 103));
    Integer first = ids.get(SpecialToken.CLASSIFICATION);
    if (first != null) { // one token in two roles, and files name either
      ids.putIfAbsent(SpecialToken.BEGINNING_OF_SEQUENCE, first);
    }
    return tokenizer(
        metadata,
        vocabulary,
        BertWordPiece.read(metadata, vocabulary, unknown(ids, vocabulary)),
        ids,
        EndOfGeneration.of(texts(metadata, vocabulary), ids),
        AddedTokens.read(metadata, ids, true, false, true));
  }

  /// From the text of each token to its id. Some published files have a text twice.
  private static ByteTable texts(Metadata metadata, Vocabulary vocabulary) {
    ByteTable texts = vocabulary.textTable();
    int repeated = 0;
    String example = "";
    for (int id = 0; id < vocabulary.size(); id++) {
      byte[] text = vocabulary.utf8(id);
      int found = texts.find(text, 0, text.length);
      if (found != id && text.length > 0) {
        example = repeated > 0 ? example : "%d and %d".formatted(id, found);
        repeated++;
      }
    }
    if (repeated > 0) {
      metadata.warn(
          "%d of the tokens in %s have the text of another, first %s; a text gives only one of them",
          repeated, Metadata.TOKENS, example);
    }
    return texts;
  }

  private static int unknown(Map<SpecialToken, Integer> ids, Vocabulary vocabulary) {
    Integer unknown = ids.get(SpecialToken.UNKNOWN);
    if (unknown == null) {
      throw Metadata.malformed(
          "tokenizer.ggml.unknown_token_id is missing; it must be from 0 to %d",
          vocabulary.size() - 1);
    }
    return unknown;
  }

  private static Map<SpecialToken, Integer> specialIds(
      Metadata metadata, int vocabularySize, Map<SpecialToken, Integer> defaults) {
    Map<SpecialToken, Integer> ids = new EnumMap<>(SpecialToken.class);
    defaults.forEach((role, id) -> {
      if (id < vocabularySize) {
        ids.put(role, id);
      }
    });
    for (SpecialToken role : SpecialToken.values()) {
      role.read(metadata, vocabularySize).ifPresent(id -> ids.put(role, id));
    }
    return ids;
  }

  private static Tokenizer tokenizer(
      Metadata metadata,
      Vocabulary vocabulary,
      TokenizerModel model,
      Map<SpecialToken, Integer> ids,
      BitSet endsOfGeneration,
      AddedTokens addedTokens) {
    return new Tokenizer(
        vocabulary,
        model,
        ids,
        endsOfGeneration,
        addedTokens,
        metadata.string(Metadata.CHAT_TEMPLATE));
  }
}
