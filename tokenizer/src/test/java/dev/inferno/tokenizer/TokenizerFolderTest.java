package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands beside a `tokenizer.json`.
class TokenizerFolderTest {

  private static final String TOKENIZER =
      """
      {"added_tokens": [{"id": 3, "content": "<s>", "special": true},
                        {"id": 4, "content": "</s>", "special": true},
                        {"id": 6, "content": "<end>", "special": false}],
       "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
      """;

  @TempDir private Path path;

  private Tokenizer read(String settings) throws IOException {
    TokenizerFolder folder = new TokenizerFolder(path);
    folder.write("tokenizer.json", TOKENIZER);
    folder.write("tokenizer_config.json", settings);
    return Tokenizer.read(path);
  }

  @Test
  void tokensHaveTheirRoles() throws IOException {
    Tokenizer tokenizer =
        read(
            "{\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}, \"pad_token\": null}");
    assertThat(tokenizer.id(SpecialToken.BEGINNING_OF_SEQUENCE)).hasValue(3);
    assertThat(tokenizer.id(SpecialToken.END_OF_SEQUENCE)).hasValue(4);
    assertThat(tokenizer.id(SpecialToken.PADDING)).isEmpty();
    assertThat(tokenizer.isEndOfGeneration(4)).isTrue();
    assertThat(tokenizer.isEndOfGeneration(3)).isFalse();
    assertThat(tokenizer.isSpecial(3)).isTrue();
    assertThat(tokenizer.isSpecial(6)).isFalse();
    assertThat(tokenizer.vocabularySize()).isEqualTo(7);
  }

  @Test
  void theMapOfSpecialTokensIsHeardWhereTheSettingsAreSilent() throws IOException {
    new TokenizerFolder(path)
        .write("special_tokens_map.json", "{\"bos_token\": \"</s>\", \"eos_token\": \"</s>\"}");
    Tokenizer tokenizer = read("{\"bos_token\": \"<s>\"}");
    assertThat(tokenizer.id(SpecialToken.BEGINNING_OF_SEQUENCE)).hasValue(3);
    assertThat(tokenizer.id(SpecialToken.END_OF_SEQUENCE)).hasValue(4);
  }

  @Test
  void theSettingsSayWhatIsAddedWhereNothingElseDoes() throws IOException {
    String roles = "\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"";
    assertThat(read("{" + roles + "}").encode("ab").ids()).containsExactly(2);
    assertThat(read("{" + roles + ", \"add_bos_token\": true}").encode("ab").ids())
        .containsExactly(3, 2);
    assertThat(read("{" + roles + ", \"add_eos_token\": true}").encode("ab").ids())
        .containsExactly(2, 4);
  }

  @Test
  void anIdWithoutTokenHasNoText() throws IOException {
    Tokenizer tokenizer = read("{}");
    assertThat(tokenizer.piece(5)).isEmpty();
    assertThat(tokenizer.bytes(5)).isEmpty();
    assertThat(tokenizer.decode(0, 5, 1)).isEqualTo("a b");
    assertThat(tokenizer.idOf("<end>")).hasValue(6);
  }

  @Test
  void theChatTemplateIsInTheSettingsOrBesideThem() throws IOException {
    assertThat(read("{}").chatTemplate()).isEmpty();
    assertThat(read("{\"chat_template\": \"one\"}").chatTemplate()).hasValue("one");
    assertThat(
            read("{\"chat_template\": [{\"name\": \"tools\", \"template\": \"two\"},"
                    + " {\"name\": \"default\", \"template\": \"three\"}]}")
                .chatTemplate())
        .hasValue("three");
    new TokenizerFolder(path).write("chat_template.jinja", "four");
    assertThat(read("{}").chatTemplate()).hasValue("four");
    assertThat(read("{\"chat_template\": \"one\"}").chatTemplate()).hasValue("one");
  }

  @Test
  void aFileWithAnotherNameStandsAlone() throws IOException {
    read("{\"bos_token\": \"<s>\"}");
    Path alone = Files.copy(path.resolve("tokenizer.json"), path.resolve("other.json"));
    assertThat(Tokenizer.read(alone).id(SpecialToken.BEGINNING_OF_SEQUENCE)).isEmpty();
  }

  @Test
  void anAbsentFileIsNamed() {
    Path absent = path.resolve("absent.json");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> Tokenizer.read(absent))
        .withMessage(absent.toString());
  }
}
