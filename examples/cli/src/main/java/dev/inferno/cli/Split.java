package dev.inferno.cli;

import dev.inferno.convert.GgufSplitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Cuts a model into files of a bearable size.
@Command(
    name = "split",
    description = {
      "Writes a GGUF file as several, named PREFIX-00001-of-0000N.gguf, as llama-gguf-split does."
          + " Every command takes any of them for the model.",
      "No tensor is cut: one that is larger than the size has a file of its own."
    })
final class Split implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description = "A GGUF file, or any part of one that was split before.")
  private Path model = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PREFIX",
      description =
          "What the names of the files begin with, a folder before it. Files that are there are"
              + " replaced when all is done.")
  private Path prefix = Path.of("");

  @Option(
      names = "--max-size",
      paramLabel = "SIZE",
      description =
          "The most bytes of tensors in a file: a number from 1, with K, M or G behind it for"
              + " thousands, millions, billions.")
  private Optional<String> maxSize = Optional.empty();

  @Option(
      names = "--max-tensors",
      paramLabel = "N",
      description = "Instead, the most tensors in a file: 1 or more.")
  private Optional<Integer> maxTensors = Optional.empty();

  Split(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Optional<Long> bytes = Failures.inRange(spec.commandLine(), () -> maxSize.map(Split::bytes));
    int tensors = Failures.inRange(spec.commandLine(), this::tensors);
    List<Path> parts;
    try (var progress = new WriteProgress(prefix.toString(), console)) {
      parts =
          bytes.isPresent()
              ? GgufSplitter.splitBySize(model, prefix, bytes.get(), progress)
              : GgufSplitter.splitByTensors(model, prefix, tensors, progress);
    }
    for (Path part : parts) {
      console.out().printf("%s: %,d bytes%n", part, Files.size(part));
    }
    return 0;
  }

  private int tensors() {
    if (maxSize.isPresent() == maxTensors.isPresent()) {
      throw new IllegalArgumentException("one of --max-size and --max-tensors must be given");
    }
    int tensors = maxTensors.orElse(1);
    if (tensors < 1) {
      throw new IllegalArgumentException("--max-tensors must be at least 1, but is " + tensors);
    }
    return tensors;
  }

  private static long bytes(String size) {
    if (!size.matches("[1-9]\\d{0,14}[kKmMgG]?")) {
      throw new IllegalArgumentException(
          "--max-size must be a number from 1, perhaps with K, M or G behind it, but is '%s'"
              .formatted(size));
    }
    char unit = Character.toUpperCase(size.charAt(size.length() - 1));
    if (Character.isDigit(unit)) {
      return Long.parseLong(size);
    }
    long number = Long.parseLong(size.substring(0, size.length() - 1));
    return Math.multiplyExact(
        number,
        switch (unit) {
          case 'K' -> 1_000L;
          case 'M' -> 1_000_000L;
          default -> 1_000_000_000L;
        });
  }
}
