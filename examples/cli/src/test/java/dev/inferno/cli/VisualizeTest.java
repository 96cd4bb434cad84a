package dev.inferno.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What ends before there is a server; {@link VisualizeIT} has the rest.
final class VisualizeTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"--port=65536", "--port=-1", "--ctx=0", "--threads=0", "--kv=F64", "a b"})
  void whatIsOutOfRangeIsExitCode2(String arguments) {
    CommandRun run = CommandRun.of(("visualize " + arguments).split(" "));
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("inferno visualize: ").hasLineCount(1);
  }

  @Test
  void aModelThatIsNotThereFailsAtOnce() {
    String file = folder.resolve("nothing.gguf").toString();
    assertThat(CommandRun.of("visualize", file, "--no-open"))
        .isEqualTo(
            new CommandRun(
                1, "", "inferno visualize: cannot read " + file + ": there is no such file\n"));
  }

  @Test
  void aFileThatIsNoModelFailsAtOnce() throws IOException {
    Path file = Files.writeString(folder.resolve("poem.gguf"), "Shall I compare thee");
    CommandRun run = CommandRun.of("visualize", file.toString(), "--no-open");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("inferno visualize: poem.gguf: ").hasLineCount(1);
  }
}
