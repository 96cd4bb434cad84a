package dev.inferno.tokenizer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectedIdsTest {

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mistral_v1", "smollm2", "ugm_small", "bert_bge"})
  void textsGiveTheIdsOfTheReference(String name) {
    ExpectedIds.resource(name).assertTextsGiveIds();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mistral_v1", "smollm2", "ugm_small", "bert_bge"})
  void idsGiveTheTextsOfTheReference(String name) {
    ExpectedIds.resource(name).assertIdsGiveTexts();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mistral_v1", "smollm2", "ugm_small", "bert_bge"})
  void streamsGiveTheChunksOfTheReference(String name) {
    ExpectedIds.resource(name).assertStreamsGiveChunks();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mistral_v1", "smollm2", "ugm_small", "bert_bge"})
  void shownWorkGivesTheSame(String name) {
    ExpectedIds.resource(name).assertShownWorkGivesTheSame();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mistral_v1", "smollm2"})
  void tokensCoverTheText(String name) {
    ExpectedIds.resource(name).assertPlacesCoverTexts();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpt2", "qwen3", "mistral_v1", "smollm2", "ugm_small", "bert_bge"})
  void tokensFollowOneAnotherInTheText(String name) {
    ExpectedIds.resource(name).assertPlacesFollowOneAnother();
  }
}
