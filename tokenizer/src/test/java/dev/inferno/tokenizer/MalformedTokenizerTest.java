package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedTokenizerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tok_types_short | tokenizer.ggml.token_type has 2 elements, but tokenizer.ggml.tokens has 5",
        "tok_scores_short | tokenizer.ggml.scores has 1 elements, but tokenizer.ggml.tokens has 5",
        "tok_types_u8 | tokenizer.ggml.token_type is an array of 5 8-bit integers, but must be an array of 32-bit integers",
        "tok_tokens_i32 | tokenizer.ggml.tokens is an array of 1 integers, but must be an array of strings",
        "tok_no_merges | tokenizer.ggml.merges is missing; it must be an array of strings",
        "tok_byte_bad | tokenizer.ggml.tokens: token 1 is a byte, but is written '<0xZZ>'; it must be from <0x00> to <0xFF>",
      })
  void refusesWhatContradictsItself(String file, String message) {
    Map<String, Object> metadata = GgufMetadata.resource("malformed/" + file + ".gguf");
    assertThatExceptionOfType(MalformedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.fromGguf(metadata))
        .withMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "tok_unknown_model | tokenizer.ggml.model is 'foo'; supported are gpt2, llama, t5, bert",
        "tok_unknown_pre | tokenizer.ggml.pre is 'nope'; supported are a.x-4.0, afmoe,"
      })
  void refusesByNameWhatItDoesNotKnow(String file, String message) {
    Map<String, Object> metadata = GgufMetadata.resource("malformed/" + file + ".gguf");
    assertThatExceptionOfType(UnsupportedTokenizerException.class)
        .isThrownBy(() -> Tokenizer.fromGguf(metadata))
        .withMessageStartingWith(message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tok_empty_text", "tok_eos_range", "tok_merge_no_space", "tok_merge_unknown"})
  void warnsOfWhatCanBeLivedWith(String file) {
    List<String> warnings = new ArrayList<>();
    Tokenizer tokenizer =
        Tokenizer.fromGguf(GgufMetadata.resource("malformed/" + file + ".gguf"), warnings::add);
    assertThat(tokenizer.decode(tokenizer.encode("ab").ids())).isEqualTo("ab");
    assertThat(warnings).isNotEmpty();
  }

  @Test
  void ignoresASpecialIdOutsideTheVocabulary() {
    List<String> warnings = new ArrayList<>();
    Map<String, Object> metadata = Metadatas.byteLevel(List.of("a", "b"), List.of());
    metadata.put("tokenizer.ggml.eos_token_id", 999L);
    metadata.put("tokenizer.ggml.bos_token_id", 1L);
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata, warnings::add);
    assertThat(tokenizer.id(SpecialToken.END_OF_SEQUENCE)).isEmpty();
    assertThat(tokenizer.id(SpecialToken.BEGINNING_OF_SEQUENCE)).hasValue(1);
    assertThat(warnings)
        .containsExactly(
            "tokenizer.ggml.eos_token_id is 999 and ignored: the vocabulary has ids from 0 to 1");
  }

  @Test
  void warnsOfTokensThatHaveTheTextOfAnother() {
    List<String> warnings = new ArrayList<>();
    Tokenizer tokenizer =
        Tokenizer.fromGguf(
            Metadatas.byteLevel(List.of("a", "b", "c", "a", "b", ""), List.of()), warnings::add);
    assertThat(tokenizer.encode("abc").ids()).containsExactly(3, 4, 2);
    assertThat(tokenizer.decode(0, 1, 3, 4)).isEqualTo("abab");
    assertThat(warnings)
        .contains(
            "2 of the tokens in tokenizer.ggml.tokens have the text of another, first 0 and 3; a"
                + " text gives only one of them");
  }

  @Test
  void cutsAsByDefaultWithAWarningIfNoPreTokenizerIsNamed() {
    List<String> warnings = new ArrayList<>();
    Map<String, Object> metadata = Metadatas.byteLevel(List.of("a", "b"), List.of());
    metadata.remove("tokenizer.ggml.pre");
    Tokenizer tokenizer = Tokenizer.fromGguf(metadata, warnings::add);
    assertThat(tokenizer.encode("ab").ids()).containsExactly(0, 1);
    assertThat(warnings).singleElement().asString().contains("tokenizer.ggml.pre is missing");
  }

  @Test
  void everyKeyOfAWrongTypeIsNamed() {
    Map<String, Object> good = Metadatas.byteLevel(List.of("a", "b"), List.of());
    for (String key :
        List.of(
            "tokenizer.ggml.model",
            "tokenizer.ggml.pre",
            "tokenizer.ggml.tokens",
            "tokenizer.ggml.merges",
            "tokenizer.ggml.token_type",
            "tokenizer.ggml.add_bos_token",
            "tokenizer.ggml.eos_token_id",
            "tokenizer.chat_template")) {
      Map<String, Object> bad = new HashMap<>(good);
      bad.put(key, 1.5);
      assertThatThrownBy(() -> Tokenizer.fromGguf(bad))
          .isInstanceOf(MalformedTokenizerException.class)
          .hasMessageStartingWith(key + " is Double 1.5, but must be ");
    }
  }

  @Test
  void anEmptyVocabularyIsMalformed() {
    assertThatThrownBy(() -> Tokenizer.fromGguf(Metadatas.byteLevel(List.of(), List.of())))
        .isInstanceOf(MalformedTokenizerException.class)
        .hasMessageContaining("tokenizer.ggml.tokens is empty");
  }

  @Test
  void aFileWithoutTokenizerIsMalformed() {
    assertThatThrownBy(() -> Tokenizer.fromGguf(Map.of()))
        .isInstanceOf(MalformedTokenizerException.class)
        .hasMessage("tokenizer.ggml.model is missing; supported are gpt2, llama, t5, bert");
  }

  @Test
  void aTokenTooLongForAnyTextIsMalformed() {
    Map<String, Object> metadata =
        Metadatas.byteLevel(List.of("a", "b".repeat((1 << 16) + 1)), List.of());
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(MalformedTokenizerException.class)
        .hasMessage("tokenizer.ggml.tokens: token 1 has 65537 bytes; it must have at most 65536");
  }

  @Test
  void aScoreThatIsNoNumberIsMalformed() {
    Map<String, Object> metadata = Metadatas.unigram(List.of("<unk>", "a"), 2, 1);
    metadata.put("tokenizer.ggml.scores", new float[] {0, Float.NaN});
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(MalformedTokenizerException.class)
        .hasMessage("tokenizer.ggml.scores: the score of token 1 is not a number");
    metadata.remove("tokenizer.ggml.scores");
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .hasMessage(
            "tokenizer.ggml.scores is missing; it must be an array of floating-point numbers");
  }

  @Test
  void aMapOfCharactersThatContradictsItselfIsMalformed() {
    Map<String, Object> metadata = Metadatas.unigram(List.of("<unk>", "a"), 2, 1);
    metadata.put("tokenizer.ggml.precompiled_charsmap", new byte[] {1, 2});
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .isInstanceOf(MalformedTokenizerException.class)
        .hasMessage("tokenizer.ggml.precompiled_charsmap has 2 bytes; it must have at least 4");
    metadata.put("tokenizer.ggml.precompiled_charsmap", new long[] {1, 2});
    assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
        .hasMessage(
            "tokenizer.ggml.precompiled_charsmap is an array of 2 integers, but must be an array"
                + " of 8-bit integers");
  }

  @Test
  void aVocabularyWithoutUnknownTokenIsMalformed() {
    for (Map<String, Object> metadata :
        List.of(Metadatas.unigram(List.of("a", "b"), 1, 1), Metadatas.wordPiece(List.of("▁a")))) {
      metadata.remove("tokenizer.ggml.unknown_token_id");
      assertThatThrownBy(() -> Tokenizer.fromGguf(metadata))
          .isInstanceOf(MalformedTokenizerException.class)
          .hasMessageStartingWith("tokenizer.ggml.unknown_token_id is missing; it must be from 0");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gemma4", "rwkv", "plamo2", "none"})
  void otherKindsAreRefusedByName(String kind) {
    assertThatThrownBy(() -> Tokenizer.fromGguf(Map.of("tokenizer.ggml.model", kind)))
        .isInstanceOf(UnsupportedTokenizerException.class)
        .hasMessage("tokenizer.ggml.model is '" + kind + "'; supported are gpt2, llama, t5, bert");
  }
}
