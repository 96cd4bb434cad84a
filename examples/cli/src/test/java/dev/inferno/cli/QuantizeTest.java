package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inferno.format.GgufFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command `quantize`, with the tiny models of core's tests.
final class QuantizeTest {
  private static final Path SOURCE = Fixtures.copied("quant/llama-256/model-F16.gguf");

  @TempDir private Path folder;

  @Test
  void saysTheSizesAndTheTypes() throws IOException {
    Path out = folder.resolve("out.gguf");
    CommandRun run = run(SOURCE, out, "q4_k_m");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .isEqualTo(
            "%s: 1,971,200 bytes (16.02 bits per weight)%n%s: 608,768 bytes (4.95 bits per weight), 5 F32, 13 Q4_K, 3 Q6_K%n"
                .formatted(SOURCE, out));
    assertThat(GgufFile.open(out).requiredInteger("general.file_type")).isEqualTo(15);
  }

  @Test
  void whatItWritesGenerates() {
    Path out = folder.resolve("out.gguf");
    assertThat(run(SOURCE, out, "Q8_0").exitCode()).isZero();
    CommandRun run = CommandRun.of("bench", out.toString(), "-p=4", "-n=2");
    assertThat(run.exitCode()).as(run.err()).isZero();
  }

  @Test
  void aFileThatIsThereIsReplaced() throws IOException {
    Path out = Files.writeString(folder.resolve("out.gguf"), "before");
    assertThat(run(SOURCE, out, "Q4_0").exitCode()).isZero();
    assertThat(GgufFile.open(out).tensors()).isNotEmpty();
  }

  @Test
  void eachTensorThatFallsBackIsNamed() {
    CommandRun run =
        run(Fixtures.copied("arch/llama/model-f32.gguf"), folder.resolve("out.gguf"), "Q4_K_M");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err())
        .contains(
            "warning: blk.0.attn_q.weight is Q5_0: its rows of 64 are no whole blocks of Q4_K\n");
  }

  @Test
  void itWarnsOfWhatWasQuantizedBefore() {
    CommandRun run =
        run(Fixtures.copied("quant/llama-256/model-Q4_1.gguf"), folder.resolve("out.gguf"), "Q8_0");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.err()).contains("were quantized before; now they have both errors\n");
  }

  @Test
  void theFileToReadIsNotWritten() throws IOException {
    Path source = Files.copy(SOURCE, folder.resolve("model.gguf"));
    CommandRun run = run(source, source, "Q4_0");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("inferno quantize: cannot write %s: it is the file to read\n".formatted(source));
    assertThat(source).hasSameBinaryContentAs(SOURCE);
  }

  @Test
  void aFileThatIsNotThereIsAFailure() {
    CommandRun run = run(Path.of("nofile"), folder.resolve("out.gguf"), "Q4_0");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("inferno quantize: cannot read nofile: there is no such file\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Q9", "", "IQ2_XXS"})
  void anUnknownTypeIsNotUnderstood(String type) {
    CommandRun run = run(SOURCE, folder.resolve("out.gguf"), type);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err())
        .startsWith("inferno quantize: the type must be one of F32, F16, BF16, ")
        .hasLineCount(1);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void twoFilesAndATypeAreNeeded() {
    assertThat(CommandRun.of("quantize", SOURCE.toString(), "--type=Q4_0").exitCode()).isEqualTo(2);
    assertThat(CommandRun.of("quantize", SOURCE.toString(), "out.gguf").exitCode()).isEqualTo(2);
  }

  private static CommandRun run(Path in, Path out, String type) {
    return CommandRun.of("quantize", in.toString(), out.toString(), "--type", type);
  }
}
