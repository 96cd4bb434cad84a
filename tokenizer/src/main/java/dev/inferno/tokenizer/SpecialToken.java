package dev.inferno.tokenizer;

import java.util.OptionalInt;

/// The roles that a token can have in a model.
public enum SpecialToken {
  /// Begins every sequence.
  BEGINNING_OF_SEQUENCE("bos_token_id"),
  /// Ends what the model has to say.
  END_OF_SEQUENCE("eos_token_id"),
  /// Ends one speaker's turn in a chat.
  END_OF_TURN("eot_token_id"),
  /// Ends a message that is not the end of a turn.
  END_OF_MESSAGE("eom_token_id"),
  /// Stands for text that no token stands for.
  UNKNOWN("unknown_token_id"),
  /// Separates two texts.
  SEPARATOR("seperator_token_id", "separator_token_id"),
  /// Fills up a sequence that is shorter than others.
  PADDING("padding_token_id"),
  /// Begins a text to be classified.
  CLASSIFICATION("cls_token_id"),
  /// Stands for a token to be guessed.
  MASK("mask_token_id"),
  /// Before what precedes a gap to be filled.
  FILL_PREFIX("fim_pre_token_id", "prefix_token_id"),
  /// Before what follows a gap to be filled.
  FILL_SUFFIX("fim_suf_token_id", "suffix_token_id"),
  /// Before what fills a gap.
  FILL_MIDDLE("fim_mid_token_id", "middle_token_id"),
  /// Fills up a sequence with a gap.
  FILL_PADDING("fim_pad_token_id"),
  /// Before the name of a repository.
  FILL_REPOSITORY("fim_rep_token_id"),
  /// Before a file of a repository.
  FILL_SEPARATOR("fim_sep_token_id");

  private final String key;
  private final String otherKey;

  SpecialToken(String name) {
    this(name, name);
  }

  SpecialToken(String name, String otherName) {
    this.key = "tokenizer.ggml." + name;
    this.otherKey = "tokenizer.ggml." + otherName;
  }

  /// The key that a GGUF file has for it.
  String key() {
    return key;
  }

  /// The id that the file gives, by the first of two spellings of the key if it has both.
  OptionalInt read(Metadata metadata, int vocabularySize) {
    return metadata.tokenId(metadata.has(key) ? key : otherKey, vocabularySize);
  }
}
