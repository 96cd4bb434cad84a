package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.MalformedModelException;
import dev.inferno.format.UnsupportedModelException;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.Json;
import dev.inferno.tokenizer.EncodeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A folder's model speaks with the tokenizer that is in the folder.
class FolderTextTest {
  private static final Path LLAMA = Fixtures.copied("arch/llama");

  private static final GenerationOptions GREEDY =
      GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(8);

  @TempDir private Path folder;

  @BeforeEach
  void copyTheModel() throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(LLAMA.resolve(file), folder.resolve(file));
    }
  }

  private void writeTokenizer(String type, int tokens) throws IOException {
    StringBuilder vocabulary = new StringBuilder();
    for (int id = 0; id < tokens; id++) {
      vocabulary.append(id > 0 ? "," : "").append('"').appendCodePoint(0x4E00 + id);
      vocabulary.append("\":").append(id);
    }
    Files.writeString(
        folder.resolve("tokenizer.json"),
        "{\"model\":{\"type\":\"%s\",\"vocab\":{%s},\"merges\":[]}}".formatted(type, vocabulary));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 384, 400}) // fewer tokens than logits, as many, more
  void aTextIsContinued(int tokens) throws IOException {
    writeTokenizer("BPE", tokens);
    try (Model model = Model.load(folder);
        Session session = model.newSession()) {
      assertThat(model.hasTokenizer()).isTrue();
      assertThat(model.tokenizer().encode("\u4E01\u4E02").ids()).containsExactly(1, 2);
      Generation generation = session.generate("\u4E01\u4E02", GREEDY);
      assertThat(generation.ids()).hasSize(8);
      if (tokens >= 384) {
        assertThat(generation.text().replace(" ", "")).hasSize(8);
      }
    }
  }

  @Test
  void whatIsNotHandledLeavesTheModelWithTokenIds() throws IOException {
    writeTokenizer("Mystery", 3);
    try (Model model = Model.load(folder);
        Session session = model.newSession()) {
      assertThat(model.hasTokenizer()).isFalse();
      assertThat(session.generate(new int[] {1}, GREEDY).text()).isEmpty();
      assertThatThrownBy(model::tokenizer)
          .isInstanceOf(UnsupportedModelException.class)
          .hasMessageContaining("model.type is 'Mystery'; supported are BPE,")
          .hasMessageEndingWith("; supported are token ids");
    }
  }

  @Test
  void whatBreaksItsFormatIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), "{}");
    assertThatThrownBy(() -> Model.load(folder))
        .isInstanceOf(MalformedModelException.class)
        .hasMessage(file + ": malformed: model is not there, must be an object");
  }

  @Tag("models")
  @ParameterizedTest
  @ValueSource(strings = {"llama", "llama3", "llama-bias"})
  void publishedKindsGiveTheIdsOfTheReference(String name) throws IOException {
    Path shared = Fixtures.shared("fixtures/arch/" + name);
    JsonNode goldens = Json.read(shared.resolve("goldens.json"));
    EncodeOptions plain = EncodeOptions.defaults().withAddedSpecials(false);
    try (Model model = Model.load(shared)) {
      for (JsonNode line : goldens.get("tokenizer")) {
        String text = line.get("text").asText();
        assertThat(model.tokenizer().encode(text).ids())
            .as(text)
            .isEqualTo(Json.ints(line.get("ids_with_specials")));
        assertThat(model.tokenizer().encode(text, plain).ids())
            .as(text)
            .isEqualTo(Json.ints(line.get("ids")));
      }
    }
  }
}
