package dev.inferno.cli;

import dev.inferno.convert.Conversion;
import dev.inferno.convert.FileType;
import dev.inferno.convert.LlamaShape;
import dev.inferno.convert.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Writes a model of random weights.
@Command(
    name = "synth",
    description = {
      "Writes a GGUF file of random weights in the shape of a real model: for measuring speed and"
          + " memory without a download. What it generates means nothing; its made-up vocabulary"
          + " encodes every text.",
      "The same options give the same file on every machine. Which tensor has which type is as in"
          + " quantize."
    })
final class Synth implements Callable<Integer> {
  private final Console console;

  @Spec private CommandSpec spec;

  @Option(
      names = "--shape",
      required = true,
      paramLabel = "SHAPE",
      description =
          "llama-135m (as SmolLM2), llama-1b or llama-3b (as Llama 3.2), llama-8b (as Llama 3.1).")
  private String shape = "";

  @Option(
      names = "--type",
      required = true,
      paramLabel = "TYPE",
      description = FileTypes.DESCRIPTION)
  private String type = "";

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file to write. One that is there is replaced when all is done.")
  private Path out = Path.of("");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides the weights. Default: ${DEFAULT-VALUE}.")
  private long seed = 1;

  @Mixin private ThreadsOption threads;

  Synth(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    LlamaShape sizes = Failures.inRange(spec.commandLine(), () -> LlamaShape.named(shape));
    FileType fileType = Failures.inRange(spec.commandLine(), () -> FileType.named(type));
    threads.sizeTeam();
    Conversion conversion;
    try (var progress = new WriteProgress(out.toString(), console)) {
      conversion = SyntheticModel.write(out, sizes, fileType, seed, progress);
    }
    ConversionReport.warnOfFallbacks(conversion, console);
    console
        .out()
        .printf(
            "%s: %s, %s%n",
            out,
            ConversionReport.size(conversion.bytesAfter(), conversion),
            ConversionReport.types(conversion));
    return 0;
  }
}
