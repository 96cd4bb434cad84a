package dev.inferno;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inferno.format.MalformedModelException;
import dev.inferno.sampler.Sampler;
import dev.inferno.testing.Fixtures;
import dev.inferno.testing.FolderVariant;
import dev.inferno.testing.GgufVariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the authors of a model say about generating with it.
class GenerationDefaultsTest {
  private static final Path LLAMA = Fixtures.copied("arch/llama");

  @TempDir Path folder;

  private Path folder(String config) throws IOException {
    FolderVariant.of(LLAMA).write(folder);
    Files.writeString(folder.resolve("generation_config.json"), config);
    return folder;
  }

  @Test
  void aFolderSaysThemInItsGenerationConfig() throws IOException {
    String config =
        """
        {"do_sample": true, "temperature": 0.6, "top_k": 20, "top_p": 0.9, "min_p": 0,
         "repetition_penalty": 1.5, "eos_token_id": [2, 7], "pad_token_id": null,
         "transformers_version": "4.57.6"}\
        """;
    try (Model model = Model.load(folder(config))) {
      GenerationDefaults defaults = model.generationDefaults();
      assertThat(defaults)
          .isEqualTo(
              new GenerationDefaults(
                  Optional.of(0.6f),
                  Optional.of(20),
                  Optional.of(0.9f),
                  Optional.of(0f),
                  Optional.of(1.5f),
                  Optional.empty(),
                  Optional.of(true),
                  List.of(2, 7)));
      assertThat(defaults.options().sampler().toString())
          .contains("0.6", "20", "0.9", "1.5")
          .isEqualTo(defaults.sampler().toString());
    }
  }

  @Test
  void aGgufFileSaysThemInItsMetadata() throws IOException {
    Path file =
        GgufVariant.of(LLAMA.resolve("model-f32.gguf"))
            .set("general.sampling.temp", "f32", 0.5)
            .set("general.sampling.top_k", "i32", 11L)
            .set("general.sampling.top_p", "f32", 0.25)
            .set("general.sampling.min_p", "f32", 0.125)
            .set("general.sampling.penalty_repeat", "f32", 1.25)
            .set("general.sampling.penalty_last_n", "i32", -1L)
            .write(folder.resolve("x.gguf"));
    try (Model model = Model.load(file)) {
      assertThat(model.generationDefaults())
          .isEqualTo(
              new GenerationDefaults(
                  Optional.of(0.5f),
                  Optional.of(11),
                  Optional.of(0.25f),
                  Optional.of(0.125f),
                  Optional.of(1.25f),
                  Optional.of(-1),
                  Optional.empty(),
                  List.of()));
    }
  }

  @Test
  void silentAuthorsLeaveTheDefaultsOfTheLibrary() throws IOException {
    try (Model model = Model.load(LLAMA)) {
      assertThat(model.generationDefaults()).isEqualTo(GenerationDefaults.NONE);
      assertThat(model.generationDefaults().sampler().toString())
          .isEqualTo(Sampler.defaults().toString());
    }
  }

  @Test
  void whoDoesNotSampleTakesTheLikeliest() throws IOException {
    try (Model model = Model.load(folder("{\"do_sample\": false, \"temperature\": 2.0}"))) {
      assertThat(model.generationDefaults().sampler()).isEqualTo(Sampler.greedy());
    }
  }

  @Test
  void aTokenThatEndsATextEndsItUnlessToldOtherwise() throws IOException {
    GenerationOptions greedy = GenerationOptions.defaults().sampler(Sampler.greedy()).maxTokens(6);
    List<Integer> ids;
    try (Model model = Model.load(LLAMA);
        Session session = model.newSession()) {
      ids = session.generate(new int[] {3, 77, 201}, greedy).ids();
    }
    int end = ids.get(2);
    List<Integer> before = ids.subList(0, ids.indexOf(end));
    try (Model model = Model.load(folder("{\"eos_token_id\": %d}".formatted(end)));
        Session session = model.newSession();
        Session other = model.newSession()) {
      Generation generation = session.generate(new int[] {3, 77, 201}, greedy);
      assertThat(generation.ids()).isEqualTo(before);
      assertThat(generation.end()).isEqualTo(EndReason.EOS);
      assertThat(other.generate(new int[] {3, 77, 201}, greedy.ignoreEndOfText()).ids())
          .isEqualTo(ids);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"temperature\": -1} | temperature is -1, possible are finite numbers from 0",
        "{\"temperature\": \"hot\"} | temperature is 'hot', must be a number",
        "{\"top_k\": -1} | top_k is -1, possible are integers from 0 to 2147483647",
        "{\"top_k\": 1.5} | top_k is 1.5, possible are integers from 0 to 2147483647",
        "{\"top_p\": 1.5} | top_p is 1.5, possible are 0 to 1",
        "{\"min_p\": [1]} | min_p is [1], must be a number",
        "{\"repetition_penalty\": 0} | repetition_penalty is 0, possible are finite numbers above 0",
        "{\"do_sample\": 1} | do_sample is 1, must be true or false",
        "{\"eos_token_id\": [1, 384]} | eos_token_id is [1, 384], possible are token ids from 0 to 383, or a list",
        "{\"eos_token_id\": -1} | eos_token_id is -1, possible are token ids from 0 to 383, or a list",
      })
  void aBadValueIsNamed(String config, String message) throws IOException {
    Path path = folder(config);
    assertThatThrownBy(() -> Model.load(path))
        .isInstanceOf(MalformedModelException.class)
        .hasMessage(folder.getFileName() + "/generation_config.json: malformed: " + message);
  }

  @Test
  void aBadValueOfAGgufFileIsNamed() throws IOException {
    Path file =
        GgufVariant.of(LLAMA.resolve("model-f32.gguf"))
            .set("general.sampling.top_p", "f32", 2.0)
            .write(folder.resolve("x.gguf"));
    assertThatThrownBy(() -> Model.load(file))
        .hasMessage("x.gguf: malformed: general.sampling.top_p is 2.0, possible are 0 to 1");
  }
}
