package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Published tokenizers from their `tokenizer.json`.
class TokenizerJsonTest {

  private static final Map<String, ExpectedIds> LOADED = new ConcurrentHashMap<>();

  @TempDir private static Path folder;

  private static ExpectedIds resource(String name) {
    return LOADED.computeIfAbsent(
        name,
        key ->
            new ExpectedIds(
                new TokenizerFolder(folder)
                    .read(key + ".json", GgufMetadata.resourceBytes(key + ".tokenizer.json.gz")),
                ExpectedIds.ofHuggingFace(
                    ExpectedIds.json(GgufMetadata.resourceBytes(key + ".expected.json.gz")))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2", "mistral_v1", "bert_bge", "ugm_small"})
  void textsGiveTheIdsOfTheReference(String name) {
    resource(name).assertTextsGiveIds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2", "mistral_v1", "bert_bge", "ugm_small"})
  void idsGiveTheTextsOfTheReference(String name) {
    resource(name).assertIdsGiveTexts();
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2", "mistral_v1", "bert_bge", "ugm_small"})
  void streamsGiveTheChunksOfTheReference(String name) {
    resource(name).assertStreamsGiveChunks();
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2", "mistral_v1", "bert_bge", "ugm_small"})
  void shownWorkGivesTheSame(String name) {
    resource(name).assertShownWorkGivesTheSame();
  }

  @ParameterizedTest
  @ValueSource(strings = {"smollm2", "mistral_v1"})
  void tokensFollowOneAnotherInTheText(String name) {
    resource(name).assertPlacesCoverTexts();
  }

  @Tag("models")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert_bge",
        "gpt2",
        "llama2",
        "llama3",
        "mistral_v1",
        "qwen3",
        "smollm2",
        "ugm_small"
      })
  void allThatAreSharedAgreeWithTheReference(String name) {
    byte[] file = SharedModels.read("tokenizers/tokenizers/" + name + "/tokenizer.json.gz");
    ExpectedIds ids =
        new ExpectedIds(
            new TokenizerFolder(folder).read(name + ".json", file),
            ExpectedIds.ofHuggingFace(
                ExpectedIds.json(SharedModels.read("tokenizers/expected/" + name + ".json.gz"))));
    ids.assertTextsGiveIds();
    ids.assertIdsGiveTexts();
    ids.assertStreamsGiveChunks();
    ids.assertShownWorkGivesTheSame();
  }

  @Test
  void placesAreThoseOfTheTextBeforeItWasNormalized() {
    Encoding encoding = resource("bert_bge").tokenizer().encode("\u00c9COLE  \u6f22");
    assertThat(encoding.pieces()).containsExactly("[CLS]", "ecole", "\u6f22", "[SEP]");
    assertThat(encoding.textOf(1)).isEqualTo("\u00c9COLE");
    assertThat(encoding.byteStart(2)).isEqualTo(8);
    assertThat(encoding.byteEnd(2)).isEqualTo(11);
  }
}
