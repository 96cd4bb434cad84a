package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Commands with a Hugging Face folder, which say the same as with the GGUF file made from it.
final class FolderTest {
  private static final String GGUF = Fixtures.copied("arch/llama/model-f32.gguf").toString();
  private static final String FILE = Fixtures.copied("arch/llama/model.safetensors").toString();
  private static final String FOLDER = Fixtures.copied("arch/llama").toString();

  @TempDir private Path temporary;

  @Test
  void runPrintsTokenIds() {
    String[] arguments = {"run", FOLDER, "--ids=3,77,201", "--greedy", "--max-tokens=5"};
    CommandRun run = CommandRun.of(arguments);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).matches("\\d+(,\\d+){4}\n");
    arguments[1] = FILE;
    assertThat(CommandRun.of(arguments).out()).isEqualTo(run.out());
    CommandRun gguf =
        CommandRun.of(
            "run", GGUF, "--ids=3,77,201", "--greedy", "--max-tokens=5", "--ignore-eos", "--json");
    assertThat("[" + run.out().strip() + "]").isEqualTo(gguf.json().required("ids").toString());
    CommandRun json =
        CommandRun.of("run", FOLDER, "--ids=3,77,201", "--greedy", "--max-tokens=5", "--json");
    assertThat(json.json().required("ids")).isEqualTo(gguf.json().required("ids"));
  }

  @Test
  void whatTheModelSaysOfGeneratingHoldsUntilAnOptionSaysOtherwise() throws IOException {
    for (String file : new String[] {"config.json", "model.safetensors"}) {
      Files.copy(Path.of(FOLDER, file), temporary.resolve(file));
    }
    Files.writeString(
        temporary.resolve("generation_config.json"),
        "{\"do_sample\": false, \"temperature\": 0.5, \"top_k\": 7, \"eos_token_id\": 383}");
    String[] arguments = {"run", temporary.toString(), "--ids=3", "--max-tokens=1", "--json"};
    JsonNode said = CommandRun.of(arguments).json();
    assertThat(said.required("generation_defaults").toString())
        .isEqualTo("{\"do_sample\":false,\"temperature\":0.5,\"top_k\":7,\"eos_token_id\":[383]}");
    JsonNode sampling = said.required("sampling");
    assertThat(sampling.required("greedy").asBoolean()).isTrue();
    assertThat(sampling.required("top_k").asInt()).isEqualTo(7);
    assertThat(sampling.required("top_p").asDouble()).isEqualTo(0.95);

    JsonNode told =
        CommandRun.of(
                "run", temporary.toString(), "--ids=3", "--max-tokens=1", "--json", "--temp=0.25")
            .json()
            .required("sampling");
    assertThat(told.required("greedy").asBoolean()).isFalse();
    assertThat(told.required("temperature").asDouble()).isEqualTo(0.25);
    assertThat(told.required("top_k").asInt()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "lens", "attribute"})
  void aTextIsRefusedInPlainWordsBeforeTheModelIsLoaded(String command) {
    for (String model : new String[] {FOLDER, FILE, temporary.toString()}) {
      CommandRun run = CommandRun.of(command, model, "--prompt=Once");
      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err())
          .isEqualTo(
              "inferno "
                  + command
                  + ": "
                  + model
                  + ": the prompt cannot be a text, since the folder has neither tokenizer.json nor"
                  + " tokenizer.model; token ids are possible, as in --ids 1,2,3\n");
    }
  }

  @Test
  void lensAndAttributeShowIdsInBrackets() {
    CommandRun lens = CommandRun.of("lens", FOLDER, "--ids=3,77", "--top=2");
    assertThat(lens.exitCode()).as(lens.err()).isZero();
    assertThat(lens.out()).startsWith("behind position 1, [77]:");
    CommandRun attribute = CommandRun.of("attribute", FOLDER, "--ids=3,77", "--token=9");
    assertThat(attribute.exitCode()).as(attribute.err()).isZero();
    assertThat(attribute.out()).startsWith("what makes [9], token 9: logit ");
    CommandRun left = CommandRun.of("attribute", FILE, "--ids=3,77", "--leave-one-out");
    assertThat(left.out()).contains("[3] ", "[77]");
    CommandRun text = CommandRun.of("attribute", FOLDER, "--ids=3,77", "--token=a");
    assertThat(text.exitCode()).isEqualTo(1);
    assertThat(text.err()).contains("--token cannot be a text");
  }

  @Test
  void traceWritesWhatTheGgufFileGives() throws IOException {
    Path folder = temporary.resolve("folder.safetensors");
    Path gguf = temporary.resolve("gguf.safetensors");
    for (var model : java.util.Map.of(FOLDER, folder, GGUF, gguf).entrySet()) {
      CommandRun run =
          CommandRun.of(
              "trace",
              model.getKey(),
              "--ids=3,77",
              "--points=logits",
              "--steps=1",
              "--out",
              model.getValue().toString());
      assertThat(run.exitCode()).as(run.err()).isZero();
    }
    try (SafetensorsFile one = SafetensorsFile.open(folder);
        SafetensorsFile other = SafetensorsFile.open(gguf)) {
      assertThat(one.floats("logits")).isEqualTo(other.floats("logits"));
      assertThat(one.metadata().get("generated_ids"))
          .isEqualTo(other.metadata().get("generated_ids"));
    }
  }

  @Test
  void benchMeasuresIt() {
    CommandRun run = CommandRun.of("bench", FOLDER, "-p2", "-n2", "-r1", "-w0", "--json");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.json().required("architecture").asText()).isEqualTo("llama");
  }

  @Test
  void aFolderWithoutAModelIsNamed() {
    CommandRun run = CommandRun.of("run", temporary.toString(), "--ids=1");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).startsWith("inferno run: ").contains("config.json").hasLineCount(1);
  }
}
