package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `convert`, and `quantize` with a folder.
final class ConvertTest {
  private static final String FOLDER = Fixtures.copied("arch/llama").toString();

  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(strings = {"keep", "f32", "F16", "bf16", "Q8_0"})
  void aFolderBecomesAFileThatRuns(String type) {
    Path out = temporary.resolve("out.gguf");
    CommandRun run = CommandRun.of("convert", FOLDER, "--out", out.toString(), "--type", type);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith(out + ": ")
        .contains(type.equals("keep") ? "F32" : type.toUpperCase(Locale.ROOT));
    assertThat(CommandRun.of("run", out.toString(), "--ids=3,77", "--max-tokens=2").exitCode())
        .isZero();
  }

  @Test
  void quantizeTakesAFolder() {
    Path out = temporary.resolve("out.gguf");
    CommandRun run = CommandRun.of("quantize", FOLDER, out.toString(), "--type=Q4_0");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Q4_0");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2-gelu, gpt2.exact_gelu",
    "qwen2-windows, qwen2.attention.sliding_window",
    "starcoder2-window, starcoder2.attention.sliding_window"
  })
  void whatLlamaCppIgnoresIsSaid(String name, String key) {
    assertWarned(Fixtures.copied("tiny/" + name), key);
  }

  @Test
  void whatGrowsWithTheTextIsOfTheseToo() throws IOException {
    Path original = Fixtures.copied("tiny/llama-mqa");
    ObjectNode config = (ObjectNode) Fixtures.json(original.resolve("config.json"));
    config.putObject("rope_scaling").put("rope_type", "dynamic").put("factor", 4.0);
    Path folder = Files.createDirectories(temporary.resolve("dynamic"));
    Files.writeString(folder.resolve("config.json"), config.toString());
    Files.copy(original.resolve("model.safetensors"), folder.resolve("model.safetensors"));
    assertWarned(folder, "llama.rope.scaling.dynamic_factor");
    assertThat(CommandRun.of("inspect", "--card", folder.toString()).out())
        .containsPattern("\npositions .*factor 4; --ctx asks for texts that are longer than the");
  }

  private void assertWarned(Path folder, String key) {
    Path out = temporary.resolve("out.gguf");
    CommandRun run = CommandRun.of("convert", folder.toString(), "--out", out.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains(
            "warning: llama.cpp ignores %s of %s and computes as if the file did not say it"
                .formatted(key, out));
    assertThat(CommandRun.of("convert", FOLDER, "--out", out.toString()).err())
        .doesNotContain("warning");
  }

  @Test
  void whatIsNoFolderAndNoTypeIsRefused() {
    String out = temporary.resolve("out.gguf").toString();
    CommandRun type = CommandRun.of("convert", FOLDER, "--out", out, "--type=Q4_K");
    assertThat(type.exitCode()).isEqualTo(2);
    assertThat(type.err())
        .contains("--type must be one of [F32, F16, BF16, Q8_0] and keep, but is 'Q4_K'");
    CommandRun file = CommandRun.of("convert", FOLDER + "/model-f32.gguf", "--out", out);
    assertThat(file.exitCode()).isEqualTo(1);
    assertThat(file.err()).contains("it is no folder");
  }
}
