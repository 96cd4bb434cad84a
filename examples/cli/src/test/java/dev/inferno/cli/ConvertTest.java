package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
