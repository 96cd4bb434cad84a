package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.inferno.format.GgmlType;
import dev.inferno.format.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InspectTest {
  private static final String LLAMA = Fixtures.copied("arch/llama/model-f32.gguf").toString();

  @TempDir private Path folder;

  @Test
  void theTableHasMetadataAndTensors() {
    CommandRun run = CommandRun.of("inspect", LLAMA);
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .startsWith(
            "model-f32.gguf: GGUF version 3, 27 metadata values, 29 tensors with 154,048 elements"
                + " in 616,192 bytes\n")
        .containsPattern("\nllama.block_count +u32 +3\n")
        .containsPattern(
            "\ntokenizer.ggml.tokens +arr\\[str] +\\[<unk>, <s>, </s>, .*, \\.\\.\\. 384 in all]\n")
        .containsPattern("\ntoken_embd.weight +F32 +\\[64, 384] +10848 +98304\n");
  }

  @Test
  void theJsonIsComplete() {
    JsonNode json = CommandRun.of("inspect", LLAMA, "--json").json();
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "name",
            "version",
            "alignment",
            "data_offset",
            "warnings",
            "metadata",
            "types",
            "tensors",
            "elements",
            "bytes",
            "card");
    assertThat(json.at("/metadata/llama.block_count").intValue()).isEqualTo(3);
    assertThat(json.at("/metadata/tokenizer.ggml.tokens")).hasSize(384);
    assertThat(json.at("/metadata/tokenizer.ggml.scores/3").isNumber()).isTrue();
    assertThat(json.at("/metadata/tokenizer.ggml.add_bos_token").booleanValue()).isTrue();
    assertThat(json.at("/types/tokenizer.ggml.tokens").asText()).isEqualTo("arr[str]");
    assertThat(json.at("/tensors/0"))
        .hasToString(
            "{\"name\":\"token_embd.weight\",\"type\":\"F32\",\"shape\":[64,384],"
                + "\"offset\":10848,\"bytes\":98304}");
    assertThat(json.required("tensors")).hasSize(29);
  }

  @Test
  void oddValuesAreShownAsTheyAre() throws IOException {
    Path file = folder.resolve("odd.gguf");
    new GgufWriter()
        .metadata("a.largest", "u64", -1L)
        .metadata("a.all", "arr[u64]", new long[] {1, -1})
        .metadata("a.none", "f32", Double.NaN)
        .metadata("a.most", "arr[f32]", new float[] {Float.NEGATIVE_INFINITY})
        .metadata("a.text", "str", "two\nlines \u001b[2J" + "x".repeat(80))
        .tensor("t", GgmlType.Q8_0, List.of(32L, 2L), new byte[68])
        .write(file);

    assertThat(CommandRun.of("inspect", file.toString()).out())
        .containsPattern("\na.largest +u64 +18446744073709551615\n")
        .containsPattern("\na.all +arr\\[u64] +\\[1, 18446744073709551615]\n")
        .contains(" two\\nlines \\u001b[2Jxxx", "xxx... (94 characters)\n")
        .doesNotContain("\u001b");
    JsonNode json = CommandRun.of("inspect", "--json", file.toString()).json();
    assertThat(json.required("metadata").get("a.largest")).hasToString("18446744073709551615");
    assertThat(json.required("metadata").get("a.all")).hasToString("[1,18446744073709551615]");
    assertThat(json.required("metadata").get("a.none")).hasToString("\"NaN\"");
    assertThat(json.required("metadata").get("a.most")).hasToString("[\"-Infinity\"]");
    assertThat(json.required("elements").longValue()).isEqualTo(64);
    assertThat(json.required("bytes").longValue()).isEqualTo(68);
  }

  @Test
  void aFileThatCannotBeReadIsAFailureAndNoFileIsNotUnderstood() {
    CommandRun missing = CommandRun.of("inspect", "no/such.gguf");
    assertThat(missing)
        .isEqualTo(
            new CommandRun(
                1, "", "inferno inspect: cannot read no/such.gguf: there is no such file\n"));
    assertThat(CommandRun.of("inspect", folder.toString()).exitCode()).isEqualTo(1);
    assertThat(CommandRun.of("inspect").exitCode()).isEqualTo(2);
  }
}
