package dev.inferno.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("models")
class SharedModelsTest {

  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void trainedModelsAgreeWithTheReference(String name) {
    Tokenizer tokenizer = SharedModels.tokenizer("fixtures/arch/" + name + "/model-f32.gguf");
    JsonNode goldens =
        ExpectedIds.json(SharedModels.read("fixtures/arch/" + name + "/goldens.json"));
    SoftAssertions softly = new SoftAssertions();
    for (JsonNode line : goldens.get("tokenizer")) {
      String text = line.get("text").asText();
      softly
          .assertThat(tokenizer.encode(text).ids())
          .as(text)
          .isEqualTo(ExpectedIds.ids(line.get("ids_with_specials")));
      softly
          .assertThat(
              tokenizer.encode(text, EncodeOptions.defaults().withAddedSpecials(false)).ids())
          .as(text)
          .isEqualTo(ExpectedIds.ids(line.get("ids")));
    }
    softly.assertAll();
  }

  @ParameterizedTest
  @CsvSource({
    "models/SmolLM2-135M-Instruct.Q4_1.gguf, fixtures/smollm2/goldens.json",
    "models/inferno-tiny/inferno-tiny-q8_0.gguf, models/inferno-tiny/goldens.json"
  })
  void promptsGiveTheirIdsAndIdsTheirText(String gguf, String goldens) {
    Tokenizer tokenizer = SharedModels.tokenizer(gguf);
    for (JsonNode prompt : ExpectedIds.json(SharedModels.read(goldens)).get("prompts")) {
      if (prompt.has("text") && prompt.has("ids")) {
        String text = prompt.get("text").asText();
        assertThat(tokenizer.encode(text).ids())
            .as(text)
            .isEqualTo(ExpectedIds.ids(prompt.get("ids")));
        assertThat(tokenizer.decode(ExpectedIds.ids(prompt.get("greedy"))))
            .isEqualTo(prompt.get("greedy_text").asText());
      }
    }
  }

  @Test
  void aTokenThatEndsATurnEndsTheGeneration() {
    Tokenizer tokenizer = SharedModels.tokenizer("tokenizers/gguf/llama3.vocab.gguf.gz");
    assertThat(tokenizer.isEndOfGeneration(tokenizer.idOf("<|eot_id|>").orElseThrow())).isTrue();
    assertThat(tokenizer.isEndOfGeneration(tokenizer.idOf("<|end_of_text|>").orElseThrow()))
        .isTrue();
    assertThat(tokenizer.isEndOfGeneration(0)).isFalse();
  }
}
