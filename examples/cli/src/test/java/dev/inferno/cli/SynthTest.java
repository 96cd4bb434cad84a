package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgufFile;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The command `synth`; what its files compute is tested in core, with smaller ones.
final class SynthTest {
  @TempDir private Path folder;

  @Test
  void writesAModelOfTheShape() throws IOException {
    Path out = folder.resolve("model.gguf");
    CommandRun run =
        CommandRun.of(
            "synth", "--shape=llama-135m", "--type=Q4_0", "--seed=7", "--out", out.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .isEqualTo(
            "%s: 89,941,248 bytes (5.35 bits per weight), 61 F32, 210 Q4_0, 1 Q8_0%n"
                .formatted(out));
    assertThat(run.err())
        .contains(
            "warning: token_embd.weight is Q8_0: its rows of 576 are no whole blocks of Q6_K\n");
    GgufFile file = GgufFile.open(out);
    assertThat(file.requiredString("general.name")).isEqualTo("Synthetic llama, seed 7");
    assertThat(file.requiredInteger("llama.block_count")).isEqualTo(30);
    assertThat(file.requiredTensor("token_embd.weight").dimensions())
        .containsExactly(576L, 49_152L);
    assertThat(file.warnings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "llama-2b, Q4_0, 'the shape must be one of llama-135m, llama-1b, llama-3b, llama-8b, but is'",
    "llama-135m, Q9, the type must be one of F32"
  })
  void whatIsUnknownIsNotUnderstood(String shape, String type, String message) {
    CommandRun run =
        CommandRun.of(
            "synth", "--shape=" + shape, "--type=" + type, "--out=" + folder.resolve("model.gguf"));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("inferno synth: " + message).hasLineCount(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFolderThatIsNotThereIsAFailure() {
    CommandRun run =
        CommandRun.of("synth", "--shape=llama-135m", "--type=Q4_0", "--out=no/such/model.gguf");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("cannot write no/such/model.gguf: there is no folder");
  }
}
