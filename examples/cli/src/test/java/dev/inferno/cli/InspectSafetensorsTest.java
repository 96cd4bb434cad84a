package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

final class InspectSafetensorsTest {
  private static final Path LLAMA = Fixtures.copied("arch/llama");

  @TempDir private Path folder;

  @Test
  void theTableOfAFileHasMetadataAndTensors() {
    CommandRun run = CommandRun.of("inspect", LLAMA.resolve("model.safetensors").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith(
            "model.safetensors: safetensors, 1 metadata values, 29 tensors with 154,048 elements in"
                + " 616,192 bytes\n")
        .containsPattern("\nformat +pt\n")
        .containsPattern("\nmodel.embed_tokens.weight +F32 +\\[384, 64] +\\d+ +98304\n");
  }

  @Test
  void theTableOfAFolderHasItsConfigAndTheFileOfEachTensor() {
    CommandRun run = CommandRun.of("inspect", LLAMA.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .startsWith("llama: model folder with 1 safetensors files, ")
        .contains(" config values, 29 tensors with 154,048 elements in 616,192 bytes\n")
        .containsPattern("\nmodel_type +llama\n")
        .containsPattern("\narchitectures +\\[LlamaForCausalLM]\n")
        .containsPattern("\nmodel.norm.weight +F32 +\\[64] +model.safetensors +\\d+ +256\n");
  }

  @Test
  void theJsonIsComplete() {
    JsonNode file =
        CommandRun.of("inspect", "--json", LLAMA.resolve("model.safetensors").toString()).json();
    assertThat(file.fieldNames())
        .toIterable()
        .containsExactly("name", "metadata", "tensors", "elements", "bytes");
    assertThat(file.at("/metadata/format").asText()).isEqualTo("pt");
    JsonNode json = CommandRun.of("inspect", "--json", LLAMA.toString()).json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly("name", "config", "tensors", "elements", "bytes", "card");
    assertThat(json.at("/config/num_hidden_layers").intValue()).isEqualTo(3);
    assertThat(json.at("/config/rms_norm_eps").doubleValue()).isEqualTo(1e-6);
    assertThat(json.at("/config/architectures/0").asText()).isEqualTo("LlamaForCausalLM");
    assertThat(json.required("tensors")).hasSize(29);
    assertThat(json.at("/tensors/0/file").asText()).isEqualTo("model.safetensors");
    assertThat(json.required("elements").longValue()).isEqualTo(154_048);
    assertThat(json.required("bytes").longValue()).isEqualTo(616_192);
  }

  @Test
  void whatAConfigSaysDoesNothingToTheTerminal() throws IOException {
    Files.copy(LLAMA.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    Files.writeString(
        folder.resolve("config.json"),
        "{\"a\\nb\": \"\\u001b[2J" + "x".repeat(90) + "\", \"huge\": 99999999999999999999}");
    CommandRun run = CommandRun.of("inspect", folder.toString());
    assertThat(run.out())
        .contains("\na\\nb ", "\\u001b[2Jx", "x... (94 characters)\n", " 99999999999999999999\n")
        .doesNotContain("\u001b");
    assertThat(CommandRun.of("inspect", "--json", folder.toString()).json().at("/config/huge"))
        .hasToString("99999999999999999999");
  }

  @Test
  void aBadFolderIsOneError() throws IOException {
    assertThat(CommandRun.of("inspect", folder.toString()))
        .isEqualTo(
            new CommandRun(
                1,
                "",
                "inferno inspect: cannot read "
                    + folder
                    + ": it is a folder without config.json\n"));
    Files.writeString(folder.resolve("config.json"), "{}");
    Files.createFile(folder.resolve("pytorch_model.bin"));
    CommandRun torch = CommandRun.of("inspect", folder.toString());
    assertThat(torch.exitCode()).isEqualTo(1);
    assertThat(torch.out()).isEmpty();
    assertThat(torch.err()).contains("the tensors are in pytorch_model.bin").hasLineCount(1);
  }

  @TestFactory
  List<DynamicTest> everyFileIsHandledAsItsVerdictSays() {
    return Fixtures.json(Fixtures.copied("malformed/manifest.json"))
        .required("cases")
        .valueStream()
        .filter(row -> row.required("format").asText().equals("safetensors"))
        .map(row -> DynamicTest.dynamicTest(row.required("file").asText(), () -> check(row)))
        .toList();
  }

  private static void check(JsonNode row) {
    String file = row.required("file").asText();
    CommandRun table = CommandRun.of("inspect", Fixtures.copied("malformed/" + file).toString());
    CommandRun json =
        CommandRun.of("inspect", "--json", Fixtures.copied("malformed/" + file).toString());
    String name = file.substring(file.indexOf('/') + 1);
    // Of the borderline files, the library accepts one; that one is recommended for rejection.
    boolean opens = row.required("verdict").asText().equals("accept");
    assertThat(table.exitCode()).as("%s: %s", row, table.err()).isEqualTo(opens ? 0 : 1);
    assertThat(json.exitCode()).isEqualTo(opens ? 0 : 1);
    if (opens) {
      assertThat(table.out()).startsWith(name + ": safetensors, ");
      assertThat(json.json().required("name").asText()).isEqualTo(name);
    } else {
      assertThat(table.out()).isEmpty();
      assertThat(table.err())
          .startsWith("inferno inspect: " + name + ": malformed")
          .hasLineCount(1);
    }
  }
}
