package dev.inferno.cli;

import dev.inferno.convert.GgufSplitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Puts the parts of a model together.
@Command(
    name = "merge",
    description =
        "Writes a model in several GGUF files, as split or llama-gguf-split make them, as one.")
final class Merge implements Callable<Integer> {
  private final Console console;

  @Parameters(
      paramLabel = "PART",
      description = "Any part, such as NAME-00001-of-00003.gguf; the others must lie beside it.")
  private Path part = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write. One that is there is replaced when all is done.")
  private Path out = Path.of("");

  Merge(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    try (var progress = new WriteProgress(out.toString(), console)) {
      GgufSplitter.merge(part, out, progress);
    }
    console.out().printf("%s: %,d bytes%n", out, Files.size(out));
    return 0;
  }
}
