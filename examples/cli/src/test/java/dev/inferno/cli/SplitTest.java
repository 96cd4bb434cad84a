package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The commands `split` and `merge`.
final class SplitTest {
  private static final Path MODEL = Fixtures.copied("arch/llama/model-f32.gguf");

  @TempDir private Path folder;

  @Test
  void whatIsSplitRunsAndMergesToWhatItWas() {
    CommandRun split =
        CommandRun.of(
            "split", MODEL.toString(), "--out", folder.resolve("x").toString(), "--max-size=200K");
    assertThat(split.exitCode()).as(split.err()).isZero();
    String first = folder.resolve("x-00001-of-00004.gguf").toString();
    assertThat(split.out()).startsWith(first + ": ").hasLineCount(4);
    assertThat(ids(first)).isEqualTo(ids(MODEL.toString()));

    Path out = folder.resolve("whole.gguf");
    CommandRun merge = CommandRun.of("merge", first, "--out", out.toString());
    assertThat(merge.exitCode()).as(merge.err()).isZero();
    assertThat(out).hasSameBinaryContentAs(MODEL);
  }

  private static String ids(String model) {
    return CommandRun.of("run", model, "--ids=3", "--greedy", "--max-tokens=4", "--json")
        .json()
        .required("ids")
        .toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--max-size=0 | --max-size must be a number from 1, perhaps with K, M or G behind it, but is '0'",
        "--max-size=2T | --max-size must be a number from 1, perhaps with K, M or G behind it, but is '2T'",
        "--max-tensors=0 | --max-tensors must be at least 1, but is 0",
      })
  void aBadLimitIsRefused(String limit, String message) throws IOException {
    CommandRun run =
        CommandRun.of("split", MODEL.toString(), "--out", folder.resolve("x").toString(), limit);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(message);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void aLimitIsAskedFor() {
    String prefix = folder.resolve("x").toString();
    CommandRun run = CommandRun.of("split", MODEL.toString(), "--out", prefix);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("one of --max-size and --max-tensors must be given");
  }
}
