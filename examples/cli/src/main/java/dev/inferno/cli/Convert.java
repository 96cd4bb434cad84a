package dev.inferno.cli;

import dev.inferno.SessionOptions;
import dev.inferno.convert.Conversion;
import dev.inferno.convert.FileType;
import dev.inferno.convert.FolderConverter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes a GGUF file of a Hugging Face folder.
@Command(
    name = "convert",
    description = {
      "Writes a Hugging Face folder (config.json and safetensors) as a GGUF file, with the names, the"
          + " layout and the metadata that llama.cpp's converter gives it. The tokenizer is taken from"
          + " tokenizer.json, tokenizer_config.json, tokenizer.model and chat_template.jinja, as far"
          + " as they are there, sampling defaults from generation_config.json.",
      "Vectors and norms are F32. For smaller types see quantize, which takes a folder too."
    })
final class Convert implements Callable<Integer> {
  private static final List<FileType> TYPES =
      List.of(FileType.F32, FileType.F16, FileType.BF16, FileType.Q8_0);
  private static final String KEEP = "keep";

  private final Console console;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FOLDER",
      description = "The folder, or a safetensors file in it that is to be taken for all of it.")
  private Path folder = Path.of("");

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write. One that is there is replaced when all is done.")
  private Path out = Path.of("");

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description =
          "The type of the matrices: F32, F16, BF16, Q8_0, or keep for that of the folder, or the"
              + " one that holds its numbers exactly. Default: ${DEFAULT-VALUE}.")
  private String type = KEEP;

  @Mixin private ThreadsOption threads;

  Convert(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Optional<FileType> chosen = Failures.inRange(spec.commandLine(), this::fileType);
    threads.apply(SessionOptions.defaults());
    Conversion conversion;
    try (var progress = new WriteProgress(out.toString(), console)) {
      conversion =
          chosen.isPresent()
              ? FolderConverter.convert(folder, out, chosen.get(), progress)
              : FolderConverter.convert(folder, out, progress);
    }
    ConversionReport.warnOfFallbacks(conversion, console);
    ConversionReport.warnOfOwnKeys(out, console);
    console
        .out()
        .printf(
            "%s: %s, %s%n",
            out,
            ConversionReport.size(conversion.bytesAfter(), conversion),
            ConversionReport.types(conversion));
    return 0;
  }

  private Optional<FileType> fileType() {
    if (type.equalsIgnoreCase(KEEP)) {
      return Optional.empty();
    }
    return Optional.of(
        TYPES.stream()
            .filter(each -> each.name().equalsIgnoreCase(type))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "--type must be one of %s and %s, but is '%s'".formatted(TYPES, KEEP, type))));
  }
}
